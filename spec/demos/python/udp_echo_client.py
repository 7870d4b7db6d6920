# The textbook's UDP echo client, in Python 3: `udp_echo_client.py PORT WORD...`.
import socket
import sys

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for word in sys.argv[2:]:
    sock.sendto(word.encode(), ('127.0.0.1', int(sys.argv[1])))
    data, addr = sock.recvfrom(65535)
    print(data.decode())
