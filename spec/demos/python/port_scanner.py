# The textbook's port scanner, in Python 3: `port_scanner.py HOST FIRST LAST`. Prints the ports that are open.
import socket
import sys

host, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for port in range(first, last + 1):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(0.2)
    if sock.connect_ex((host, port)) == 0:
        print(port)
    sock.close()
