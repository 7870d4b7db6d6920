# The textbook's member of a multicast group, in Python 3: `multicast_chat.py GROUP PORT TEXT`. Joins, sends TEXT, and
# prints the first two datagrams of others, with their senders.
import socket
import struct
import sys

group, port, text = sys.argv[1], int(sys.argv[2]), sys.argv[3]
loopback = socket.inet_aton('127.0.0.1')

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
receiver.bind((group, port))
mreq = struct.pack('4s4s', socket.inet_aton(group), loopback)
receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq)

sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
sender.bind(('127.0.0.1', 0))
sender.sendto(text.encode(), (group, port))

heard = 0
while heard < 2:
    data, addr = receiver.recvfrom(65535)
    if addr != sender.getsockname():
        print(data.decode(), flush=True)
        heard += 1
