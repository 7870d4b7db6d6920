# The textbook's patient receiver, in Python 3: `patient_receiver.py FILE`. Serves one sender, and writes its bytes into
# FILE.
import socket
import sys


def handle_new_stuff(buffer):
    with open(sys.argv[1], 'wb') as file:
        file.write(buffer)


ss = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
ss.bind(('127.0.0.1', 0))
ss.listen(1)
print('listening on %s:%d' % ss.getsockname(), flush=True)
new, addr = ss.accept()
buffer = bytearray()
block = b'x'
while block:
    block = new.recv(1024)
    buffer += block
# -- end of data
handle_new_stuff(buffer)
new.send(str(len(buffer)).encode())
new.close()
