# The textbook's command server, in Python 3: `command_server.py PATH`. Serves one client after the other, and removes
# no path.
import socket
import sys

ss = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
ss.bind(sys.argv[1])
ss.listen(1)
print('listening', flush=True)
while True:
    conn, addr = ss.accept()
    with conn, conn.makefile('rw', encoding='utf-8') as file:
        for line in file:
            command, _, text = line.rstrip('\n').partition(' ')
            if command == 'hang-up':
                break
            file.write((text if command == 'echo' else 'error: no such command') + '\n')
            file.flush()
