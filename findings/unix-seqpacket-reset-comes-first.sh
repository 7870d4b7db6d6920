#!/usr/bin/env bash
# Linux 6.18 (by Python 3.11.7): a peer that closes while it has unread bytes resets the connection. What it has sent before
# that comes in another order on the two kinds of connected Unix sockets.
#
# Guessed: the messages first and then ECONNRESET, as bytes do on SOCK_STREAM, because the reset came after them.
# Seen: on SOCK_SEQPACKET the first receive raises ECONNRESET, and the messages come after it. unix_stream_read_generic()
# looks at the error once its queue is empty; a message is taken by __skb_try_recv_datagram(), which asks for the error
# before it looks at its queue. A program that closes its socket at the first error loses messages that have arrived, which
# it would not on a stream.
#
# Output seen:
# SOCK_STREAM: firstsecond, ConnectionResetError, end
# SOCK_SEQPACKET: ConnectionResetError, first, second, end
set -euo pipefail
printed=$(
  python3 - <<'PY'
import socket

for kind in ("SOCK_STREAM", "SOCK_SEQPACKET"):
    one, other = socket.socketpair(socket.AF_UNIX, getattr(socket, kind))
    one.send(b"not read")
    other.send(b"first")
    other.send(b"second")
    other.close()
    given = []
    while given[-1:] != ["end"]:
        try:
            given.append(one.recv(100).decode() or "end")
        except OSError as error:
            given.append(type(error).__name__)
    print(f"{kind}: {', '.join(given)}")
PY
)
echo "$printed"
[ "$printed" = 'SOCK_STREAM: firstsecond, ConnectionResetError, end
SOCK_SEQPACKET: ConnectionResetError, first, second, end' ]
