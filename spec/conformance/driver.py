"""Runs programs on Python's socket module: one JSON line in, one JSON line out. See program.ts."""

import fcntl
import hashlib
import json
import re
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time

CLOSED = select.POLLIN | select.POLLHUP | select.POLLERR | 0x2000  # POLLRDHUP
COPIES = {'dup', 'detach', 'fromfd'}
CONNECTS = {'connect', 'connect_ex'}
SENDS = {'send', 'sendall', 'sendto', 'sendmsg', 'sendfile'}
PATTERN = bytes(range(251))
GROUPS = {4: '239.255.77.1', 6: 'ff11::4d01'}
GROUP_HOSTS = [(host,) for host in GROUPS.values()]
NUMBERS = {'nan': float('nan'), 'inf': float('inf'), '-inf': float('-inf')}


class Blocks(BaseException):
    """The call did not return in time."""


def on_alarm(_signal, _frame):
    raise Blocks()


def fill(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def wait_for(one, events, milliseconds):
    poll = select.poll()
    poll.register(one, events)
    poll.poll(milliseconds)


def levels(one):
    """What select(2) and poll(2) say of a socket, or of a file's; Node does not tell how a Unix peer has closed."""
    unsure = select.POLLHUP | select.POLLERR if getattr(one, 'family', socket.AF_UNIX) == socket.AF_UNIX else 0
    ready = select.select([one], [one], [one], 0)
    poll = select.poll()
    poll.register(one, 0x7fff)
    events = poll.poll(0)
    return [''.join(name for name, found in zip('rwx', ready) if found), events[0][1] & ~unsure if events else 0]


def digest(value):
    return [len(value), hashlib.sha1(value).hexdigest()]


def failure(error):
    """An error in the form that results have."""
    if isinstance(error, OSError):
        errno = error.args[0] if error.args and isinstance(error.args[0], int) else None
        written = getattr(error, 'characters_written', None)
        return {'error': type(error).__name__, 'errno': errno, **({} if written is None else {'written': written})}
    return {'error': 'TypeError' if isinstance(error, TypeError) else 'RangeError', 'errno': None}


def send_all(sender, how, size, path):
    if how == 'sendfile':
        with open(path, 'rb') as file:
            return sender.sendfile(file)
    data = fill(size)
    if how == 'sendall':
        sender.sendall(data)
        return size
    sent = 0
    while sent < size:
        sent += sender.send(data[sent:]) if how == 'send' else sender.sendmsg([data[sent:]])
    return sent


def receive_some(receiver, receives, size):
    if receives == 'recvfrom':
        return receiver.recvfrom(size)[0]
    if receives == 'recvmsg':
        return receiver.recvmsg(size)[0]
    if receives == 'recv_into':
        room = bytearray(size)
        return room[:receiver.recv_into(room)]
    return receiver.recv(size, socket.MSG_WAITALL if receives == 'MSG_WAITALL' else 0)


def receive_all(receiver, size, receives, part):
    received = b''
    while len(received) < size:
        piece = receive_some(receiver, receives, min(part, size - len(received)))
        if not piece:
            break
        received += piece
    return digest(received)


class Runner:
    def __init__(self, host, folder, blocks, exchange_blocks, patience):
        self.hosts = {4: host, 6: '::1'}
        self.folder = folder
        self.blocks = blocks
        self.exchange_blocks = exchange_blocks
        self.patience = patience
        self.sockets = {}
        self.addresses = {}
        self.peers = {}
        self.ports = {}
        self.files = {}
        # The place of the socket from which the file in each place was made.
        self.owners = {}
        self.opened = []
        self.threads = []

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
        if kind == 'named':
            return 'localhost', self.addresses.get(content, (self.hosts[4], 1))[1]
        if kind == 'group':
            family, of = content
            return GROUPS[family], self.addresses.get(of, (self.hosts[4], 1))[1]
        if kind == 'file':
            self.opened.append(open(self.file(content), 'rb'))
            return self.opened[-1]
        if kind == 'list':
            return [self.decode(item, rooms) for item in content]
        return NUMBERS[content]

    def file(self, size):
        path = '%s/file-%d' % (self.folder, size)
        with open(path, 'wb') as file:
            file.write(fill(size))
        return path

    def encode(self, value):
        if isinstance(value, bytes) and re.fullmatch(rb'\0[0-9a-f]{5}', value):
            return 'a name that Linux chose'
        if isinstance(value, (bytes, bytearray)):
            return {'bytes': value.hex() if len(value) <= 32 else digest(value)}
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
            if call == 'exchange':
                return self.exchange(step)
            values = list(step.get('args', []))
            keywords = values.pop()['keywords'] if values and isinstance(values[-1], dict) and 'keywords' in values[-1] else {}
            args = [self.decode(value, rooms) for value in values]
            if call == 'socket':
                made = socket.socket(*args)
                self.drop(on)
                self.sockets[on] = made
                return {'value': 'a socket'}
            if call == 'socketpair':
                self.put(on, *socket.socketpair(*args), step['into'])
                return {'value': 'two sockets'}
            one = self.files.get(on) or self.sockets.get(on)
            if one is None:
                return 'no socket'
            if call == 'drop':
                peer = self.peer(self.owners.get(on, on))
                # Python closes an object without references.
                del one
                self.forget(on)
                if peer is not None:
                    wait_for(peer, CLOSED & ~select.POLLIN, 20 * self.patience)
                return {'value': None}
            if call == 'select':
                return {'value': self.timed(levels, [one], {})}
            if call in COPIES and isinstance(one, socket.socket):
                return self.copy(one, call, step['into'])
            if not hasattr(one, call):
                return 'no call'
            method = getattr(one, call)
            if not callable(method):
                return {'value': self.encode(method)}
            owner = self.owners.get(on, on)
            peer = self.peer(owner) if call in ('close', 'shutdown') else None
            value = self.timed(method, args, keywords)
            self.after(step, one, value, peer, args)
            if call == 'makefile':
                return {'value': 'a file'}
            result = {'value': value >= 0 if call == 'fileno' else self.encode(value)}
            if rooms:
                result['room'] = self.encode(b''.join(rooms))
            return result
        except (OSError, ValueError, LookupError, OverflowError, TypeError) as error:
            self.settle_sent(self.owners.get(on, on))
            return failure(error)
        except Blocks:
            return 'blocks'

    def put(self, on, one, other, into):
        for place, made in ((on, one), (into, other)):
            self.drop(place)
            self.sockets[place] = made

    def copy(self, one, call, into):
        if call == 'dup':
            made = one.dup()
        elif call == 'fromfd':
            made = socket.fromfd(one.fileno(), one.family, one.type)
        else:
            descriptor = one.detach()
            if descriptor < 0:
                return {'value': -1}
            made = socket.socket(fileno=descriptor)
        if call != 'dup':
            # The description may have been made non-blocking.
            made.settimeout(None)
        self.drop(into)
        self.sockets[into] = made
        self.learn(into)
        return {'value': 'a socket'}

    def exchange(self, step):
        sender, receiver = self.sockets.get(step['on']), self.sockets.get(step['into'])
        if sender is None or receiver is None:
            return 'no socket'
        if sender.gettimeout() is not None or receiver.gettimeout() is not None:
            return 'does not wait'
        how, size, receives, part = step['args']
        path = self.file(size) if how == 'sendfile' else None
        outcomes = {}

        def keep(name, method, *args):
            try:
                outcomes[name] = {'value': method(*args)}
            except (OSError, ValueError) as error:
                outcomes[name] = failure(error)

        thread = threading.Thread(target=keep, args=('sent', send_all, sender, how, size, path), daemon=True)
        thread.start()
        self.threads.append((thread, sender))
        self.timed(keep, ('received', receive_all, receiver, size, receives, part), {}, self.exchange_blocks)
        # If the receiver does not receive all, the kernel's buffers decide how much can be sent.
        if outcomes['received'].get('value', [None])[0] != size:
            return 'blocks'
        self.timed(thread.join, (), {}, self.exchange_blocks)
        # Otherwise the list keeps the sender open when the program drops it.
        self.threads.remove((thread, sender))
        self.settle_sent(step['on'])
        return {'value': [outcomes['sent'], outcomes['received']]}

    def timed(self, method, args, keywords, blocks=None):
        signal.setitimer(signal.ITIMER_REAL, blocks or self.blocks)
        try:
            return method(*args, **keywords)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def after(self, step, one, value, peer, args):
        """Keeps what later steps need, and waits until the kernel has finished the step."""
        on, call = step['on'], step['call']
        if on in self.files:
            self.settle_sent(self.owners[on])
        elif call == 'makefile':
            into = step.get('into', on)
            self.drop(into)
            self.files[into] = value
            self.owners[into] = on
        elif call == 'accept':
            into = step.get('into', on)
            self.drop(into)
            self.sockets[into] = value[0]
            self.learn(into)
        if call in ('bind', 'listen', 'connect') or (call in SENDS and self.is_datagrams(one)):
            self.learn(on)
        if call in CONNECTS or call in SENDS:
            self.settle_sent(on)
        if call == 'shutdown':
            # The peer may delay its acknowledgement, which wakes a call that waits for 0 bytes.
            self.settle_sent(on, 300)
        if call in CONNECTS and args:
            self.wait_at(args[0])
        if call in ('sendto', 'sendmsg') and self.is_datagrams(one) and args:
            self.wait_at(args[-1])
        if peer is not None:
            wait_for(peer, CLOSED & ~select.POLLIN, 20 * self.patience)

    def is_datagrams(self, one):
        return one.type == socket.SOCK_DGRAM

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
        if isinstance(address, tuple) and address[:1] == ('localhost',):
            address = ('127.0.0.1', *address[1:])
        for other, name in self.addresses.items():
            one = self.sockets.get(other)
            is_member = isinstance(address, tuple) and address[:1] in GROUP_HOSTS and name[1:2] == address[1:2]
            is_there = name == address or is_member
            if is_there and one is not None and one.fileno() >= 0:
                wait_for(one, select.POLLIN, 5 * self.patience)

    def settle_sent(self, on, times=100):
        """Waits until the peer's kernel has what was sent."""
        one = self.sockets.get(on)
        if one is None or one.fileno() < 0 or one.type != socket.SOCK_STREAM or one.family == socket.AF_UNIX:
            return
        for _ in range(times * self.patience):
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
        self.drop_file(self.files.pop(on, None))
        self.addresses.pop(on, None)
        self.peers.pop(on, None)
        self.owners.pop(on, None)

    def forget(self, on):
        for places in (self.sockets, self.files, self.addresses, self.peers, self.owners):
            places.pop(on, None)

    def drop_file(self, file):
        """Closes a file, whose flush may fail."""
        try:
            if file is not None:
                self.timed(file.close, (), {})
        except (OSError, ValueError, Blocks):
            pass

    def run(self, steps):
        results = []
        for step in steps:
            results.append(self.step(step))
            if results[-1] == 'blocks':
                break
        for thread, sender in self.threads:
            if thread.is_alive():
                try:
                    sender.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                thread.join()
        for one in self.sockets.values():
            one.close()
        for file in self.files.values():
            self.drop_file(file)
        for file in self.opened:
            file.close()
        return results


signal.signal(signal.SIGALRM, on_alarm)
for line in sys.stdin:
    job = json.loads(line)
    steps = job.pop('steps')
    print(json.dumps(Runner(**job).run(steps)), flush=True)
