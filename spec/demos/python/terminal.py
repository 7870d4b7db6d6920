# Runs a program on a terminal: `terminal.py PATTERN PROGRAM ARGUMENT...`. Types Ctrl-C as soon as the output matches
# PATTERN, prints the output, and ends with the program's status.
import os
import pty
import re
import sys

pattern, program = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program[0], program)
output = b''
typed = False
while True:
    try:
        block = os.read(terminal, 1024)
    except OSError:
        break  # EIO: the last one who had the terminal open has ended
    if not block:
        break
    output += block
    if not typed and re.search(pattern, output):
        os.write(terminal, b'\x03')
        typed = True
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(output)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status))
