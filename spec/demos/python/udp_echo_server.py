# The textbook's UDP echo server, in Python 3: `udp_echo_server.py`.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(('127.0.0.1', 0))
print('listening on %s:%d' % sock.getsockname(), flush=True)
while True:
    data, addr = sock.recvfrom(65535)
    sock.sendto(data, addr)
