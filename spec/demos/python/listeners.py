# Three ports in a row: `listeners.py HOST`. One is open; one does not answer, because its listener's queue is full; one
# is closed.
import socket
import sys
import time

host = sys.argv[1]


def bound(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((host, port))
    return sock


while True:
    try:
        opened = bound(0)
        port = opened.getsockname()[1]
        full, closed = bound(port + 1), bound(port + 2)
        break
    except (OSError, OverflowError):
        continue
opened.listen(5)
full.listen(0)
# Linux queues one connection more than the backlog. The second gets no answer to its SYN.
clients = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(2)]
clients[0].connect((host, port + 1))
clients[1].setblocking(False)
clients[1].connect_ex((host, port + 1))
print(f'listening on {host}:{port}', flush=True)
time.sleep(600)
