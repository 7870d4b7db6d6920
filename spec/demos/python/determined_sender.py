# The textbook's determined sender, in Python 3: `determined_sender.py FILE PORT`.
# The textbook forgets to count the last block.
import socket
import sys

with open(sys.argv[1], 'rb') as file:
    orig_data = memoryview(file.read())
try_send = True
while try_send:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.connect(('127.0.0.1', int(sys.argv[2])))
    buffer = orig_data
    sent = 0
    while len(buffer) > 1024:
        sent += sock.send(buffer[:1024])
        buffer = buffer[1024:]
    sent += sock.send(buffer)
    sock.shutdown(1)
    received = sock.recv(30)
    sock.close()
    if int(received) == sent:
        try_send = False
    else:
        print('Not all data sent')
print(sent)
