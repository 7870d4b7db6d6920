"""The same with Python."""

import json
import resource
import socket
import sys

sock = socket.socket()
sock.connect(("127.0.0.1", int(sys.argv[1])))
sock.close()
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"user": usage.ru_utime * 1e6, "system": usage.ru_stime * 1e6}))
