"""The other end of a connection, in Python: peer.py FAMILY listen|connect PORT-OR-PATH SCENARIO. Prints the port or path where it
listens, and then what the scenario found, as JSON."""

import hashlib
import json
import random
import socket
import struct
import sys
import tempfile
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


def into(s):
    data = bytearray(300_000)
    view = memoryview(data)
    received = 0
    while received < len(data):
        received += s.recv_into(view[received:], min(70_000, len(data) - received))
    s.sendall(data)
    return digest(data)


def file(s):
    lines = []
    with s.makefile('rwb') as f:
        for line in f:
            lines.append(line)
            f.write(line.upper())
            f.flush()
    return len(lines)


def text_file(s):
    lines = []
    with s.makefile('rw', encoding='utf-8', newline='\r\n') as f:
        while (line := f.readline()) != 'end\r\n':
            lines.append(line)
        f.writelines(line.rstrip('\r\n') + '\n' for line in lines)
    return lines


def send_file(s):
    data = random.Random(2).randbytes(3_000_000)
    with tempfile.TemporaryFile() as f:
        f.write(data)
        f.flush()
        sent = s.sendfile(f, 1000, 2_000_000)
    s.shutdown(socket.SHUT_WR)
    return {'count': sent, 'sent': digest(data[1000:2_001_000]), 'received': digest(receive_all(s))}


def messages(s):
    received = b''
    while len(received) < 300_000:
        first, second = bytearray(1000), bytearray(30_000)
        count, ancillary, _, address = s.recvmsg_into([first, second])
        received += (first + second)[:count]
    rest = received
    while rest:
        rest = rest[s.sendmsg([rest[:7], rest[7:8], rest[8:100_000]]):]
    return digest(received)


scenarios = [into, file, text_file, send_file, messages]
scenarios += [echo, half_close_first, half_close_second, duplex, flags_here, flags_there]
scenarios += [reset, reset_sender, unread, is_reset, ask, answer]


def connection(family, role, where):
    if family == 'Unix':
        family, address = socket.AF_UNIX, where
    elif family == 'TCP6':
        family, address = socket.AF_INET6, ('::1', int(where))
    else:
        family, address = socket.AF_INET, ('127.0.0.1', int(where))
    s = socket.socket(family)
    if role == 'connect':
        s.connect(address)
        return s
    with s:
        s.bind(address)
        s.listen()
        name = s.getsockname()
        print(name if family == socket.AF_UNIX else name[1], flush=True)
        return s.accept()[0]


def main():
    family, role, where, name = sys.argv[1:]
    with connection(family, role, where) as s:
        result = {f.__name__: f for f in scenarios}[name](s)
    print(json.dumps(result), flush=True)


main()
