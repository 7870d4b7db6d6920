"""Runs programs on Python's socket module: one JSON line in, one JSON line out. See program.ts."""

import fcntl
import hashlib
import json
import select
import signal
import socket
import struct
import sys
import termios
import time

CLOSED = select.POLLIN | select.POLLHUP | select.POLLERR | 0x2000  # POLLRDHUP
CONNECTS = {'connect', 'connect_ex'}
SENDS = {'send', 'sendall', 'sendto', 'sendmsg', 'sendfile'}
NUMBERS = {'nan': float('nan'), 'inf': float('inf'), '-inf': float('-inf')}


class Blocks(BaseException):
    """The call did not return in time."""


def on_alarm(_signal, _frame):
    raise Blocks()


def fill(size):
    return bytes(index % 251 for index in range(size))


def wait_for(one, events, milliseconds):
    poll = select.poll()
    poll.register(one, events)
    poll.poll(milliseconds)


class Runner:
    def __init__(self, host, folder, blocks):
        self.hosts = {4: host, 6: '::1'}
        self.folder = folder
        self.blocks = blocks
        self.sockets = {}
        self.addresses = {}
        self.peers = {}
        self.ports = {}

    def decode(self, value, rooms):
        if isinstance(value, list):
            return tuple(self.decode(item, rooms) for item in value)
        if not isinstance(value, dict):
            return value
        [(kind, content)] = value.items()
        if kind == 'name':
            return getattr(socket, content)
        if kind == 'bytes':
            return bytes.fromhex(content)
        if kind == 'fill':
            return fill(content)
        if kind == 'room':
            rooms.append(bytearray(content))
            return rooms[-1]
        if kind == 'host':
            return self.hosts[content]
        if kind == 'path':
            return self.folder + '/' + content
        if kind == 'address':
            return self.addresses.get(content, (self.hosts[4], 1))
        if kind == 'list':
            return [self.decode(item, rooms) for item in content]
        return NUMBERS[content]

    def encode(self, value):
        if isinstance(value, (bytes, bytearray)):
            return {'bytes': value.hex() if len(value) <= 32 else [len(value), hashlib.sha1(value).hexdigest()]}
        if isinstance(value, socket.socket):
            return 'a socket'
        if isinstance(value, str):
            return value.replace(self.hosts[4], 'HOST').replace(self.folder, 'FOLDER')
        if isinstance(value, tuple) and len(value) in (2, 4) and isinstance(value[0], str) and isinstance(value[1], int):
            return [self.encode(value[0]), self.port(value[1]), *value[2:]]
        if isinstance(value, (list, tuple)):
            return [self.encode(item) for item in value]
        return value

    def port(self, number):
        if number < 1024:
            return number
        return self.ports.setdefault(number, 'port %d' % len(self.ports))

    def step(self, step):
        on, call = step['on'], step['call']
        rooms = []
        try:
            args = [self.decode(value, rooms) for value in step.get('args', [])]
            if call == 'socket':
                made = socket.socket(*args)
                self.drop(on)
                self.sockets[on] = made
                return {'value': 'a socket'}
            one = self.sockets.get(on)
            if one is None:
                return 'no socket'
            peer = self.peer(on) if call in ('close', 'shutdown') else None
            value = self.timed(getattr(one, call), args)
            self.after(step, one, value, peer, args)
            result = {'value': value >= 0 if call == 'fileno' else self.encode(value)}
            if rooms:
                result['room'] = self.encode(b''.join(rooms))
            return result
        except OSError as error:
            self.settle_sent(on)
            return {'error': type(error).__name__, 'errno': error.args[0] if error.args and isinstance(error.args[0], int) else None}
        except (ValueError, OverflowError):
            return {'error': 'RangeError', 'errno': None}
        except TypeError:
            return {'error': 'TypeError', 'errno': None}
        except Blocks:
            return 'blocks'

    def timed(self, method, args):
        signal.setitimer(signal.ITIMER_REAL, self.blocks)
        try:
            return method(*args)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def after(self, step, one, value, peer, args):
        """Keeps what later steps need, and waits until the kernel has done all that follows from the step."""
        on, call = step['on'], step['call']
        if call == 'accept':
            into = step.get('into', on)
            self.drop(into)
            self.sockets[into] = value[0]
            self.learn(into)
        if call in ('bind', 'listen', 'connect') or (call in SENDS and one.type == socket.SOCK_DGRAM):
            self.learn(on)
        if call in CONNECTS or call in SENDS:
            self.settle_sent(on)
        if call in CONNECTS and args:
            self.wait_at(args[0])
        if call in ('sendto', 'sendmsg') and one.type == socket.SOCK_DGRAM and args:
            self.wait_at(args[-1])
        if peer is not None:
            wait_for(peer, CLOSED & ~select.POLLIN, 20)

    def learn(self, on):
        one = self.sockets[on]
        self.addresses[on] = one.getsockname()
        try:
            self.peers[on] = one.getpeername()
        except OSError:
            self.peers.pop(on, None)

    def peer(self, on):
        if on not in self.peers or self.addresses[on] == '' or self.peers[on] == '':
            return None
        for other, name in self.addresses.items():
            if other != on and name == self.peers[on] and self.peers.get(other) == self.addresses[on]:
                one = self.sockets.get(other)
                return one if one is not None and one.fileno() >= 0 else None
        return None

    def wait_at(self, address):
        for other, name in self.addresses.items():
            one = self.sockets.get(other)
            if name == address and one is not None and one.fileno() >= 0:
                wait_for(one, select.POLLIN, 5)

    def settle_sent(self, on):
        """Waits until the peer's kernel has what was sent."""
        one = self.sockets.get(on)
        if one is None or one.fileno() < 0 or one.type != socket.SOCK_STREAM or one.family == socket.AF_UNIX:
            return
        for _ in range(100):
            try:
                [left] = struct.unpack('i', fcntl.ioctl(one.fileno(), termios.TIOCOUTQ, b'\0\0\0\0'))
            except OSError:
                return
            if left == 0:
                return
            time.sleep(0.0002)

    def drop(self, on):
        old = self.sockets.pop(on, None)
        if old is not None:
            old.close()
        self.addresses.pop(on, None)
        self.peers.pop(on, None)

    def run(self, steps):
        results = []
        for step in steps:
            results.append(self.step(step))
            if results[-1] == 'blocks':
                break
        for one in self.sockets.values():
            one.close()
        return results


signal.signal(signal.SIGALRM, on_alarm)
for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps(Runner(job['host'], job['folder'], job['blocks']).run(job['steps'])), flush=True)
