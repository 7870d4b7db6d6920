# The textbook's UDP time server (RFC 868), in Python 3: `time_server.py SECONDS`. Its clock is as many seconds ahead.
import socket
import struct
import sys
import time

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(('127.0.0.1', 0))
print('listening on %s:%d' % sock.getsockname(), flush=True)
while True:
    data, addr = sock.recvfrom(1024)
    seconds = int(time.time()) + int(sys.argv[1]) + 2208988800
    sock.sendto(struct.pack('!I', seconds % 2**32), addr)
