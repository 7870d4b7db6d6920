# The textbook's client of a command server, in Python 3: `command_client.py PATH COMMAND...`. Prints the answers.
import socket
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
sock.connect(sys.argv[1])
with sock, sock.makefile('rw', encoding='utf-8') as file:
    for command in sys.argv[2:]:
        file.write(command + '\n')
        file.flush()
        print(file.readline(), end='')
