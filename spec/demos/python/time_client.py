# The textbook's UDP time client (RFC 868), in Python 3: `time_client.py PORT`. Prints seconds since 1970.
import socket
import struct
import sys

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.sendto(b'', ('127.0.0.1', int(sys.argv[1])))
data, addr = sock.recvfrom(1024)
(seconds,) = struct.unpack('!I', data)
print(seconds - 2208988800)
