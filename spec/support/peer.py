"""The other end of a connection, in Python: peer.py FAMILY listen|connect PORT SCENARIO. Prints the port where it listens, and then
what the scenario found, as JSON."""

import hashlib
import json
import random
import socket
import struct
import sys
import threading


def receive_all(s, size=65536):
    return b''.join(iter(lambda: s.recv(size), b''))


def digest(data):
    return hashlib.sha256(data).hexdigest()


def failure(call):
    try:
        return repr(call())
    except OSError as error:
        return type(error).__name__


def echo(s):
    count = 0
    while data := s.recv(1000):
        s.sendall(data)
        count += len(data)
    return count


def half_close_first(s):
    s.sendall(b'hello')
    s.shutdown(socket.SHUT_WR)
    return digest(receive_all(s))


def half_close_second(s):
    data = receive_all(s)
    s.sendall(b'%d' % len(data))
    return digest(data)


def duplex(s):
    data = random.Random(1).randbytes(10_000_000)

    def send():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = receive_all(s)
    sender.join()
    return {'sent': digest(data), 'received': digest(received), 'length': len(received)}


def flags_here(s):
    peeked = s.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)
    again = s.recv(3, socket.MSG_PEEK)
    s.sendall(b'go')
    return [peeked.decode(), again.decode(), digest(s.recv(100_005, socket.MSG_WAITALL)), s.recv(1).decode()]


def flags_there(s):
    s.sendall(b'abcde')
    go = s.recv(2, socket.MSG_WAITALL)
    for _ in range(100):
        s.sendall(bytes(1000))
    s.recv(2, socket.MSG_WAITALL)
    s.sendall(b'rest')
    return go.decode()


def reset(s):
    s.sendall(b'data')
    s.recv(2, socket.MSG_WAITALL)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def reset_sender(s):
    s.recv(100_000, socket.MSG_WAITALL)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def unread(s):
    s.sendall(b'answer')
    s.recv(1000, socket.MSG_WAITALL | socket.MSG_PEEK)


def is_reset(s):
    s.sendall(b'unread')
    return [failure(lambda: s.recv(10)), failure(lambda: s.recv(10)), failure(lambda: s.send(b'x'))]


def ask(s):
    answers = []
    for number in range(1000):
        s.sendall(b'%d\n' % number)
        answers.append(int(s.recv(100)))
    return answers == list(range(1, 1001))


def answer(s):
    count = 0
    while data := s.recv(100):
        s.sendall(b'%d\n' % (int(data) + 1))
        count += 1
    return count


scenarios = [echo, half_close_first, half_close_second, duplex, flags_here, flags_there]
scenarios += [reset, reset_sender, unread, is_reset, ask, answer]


def main():
    family, role, port, name = sys.argv[1:]
    host, family = ('::1', socket.AF_INET6) if family == 'TCP6' else ('127.0.0.1', socket.AF_INET)
    if role == 'listen':
        with socket.create_server((host, 0), family=family) as listener:
            print(listener.getsockname()[1], flush=True)
            s, _ = listener.accept()
    else:
        s = socket.create_connection((host, int(port)))
    with s:
        result = {f.__name__: f for f in scenarios}[name](s)
    print(json.dumps(result), flush=True)


main()
