#!/usr/bin/env bash
# OpenSSL's client of TLS 1.3 sends the alert that refuses a server's certificate in plain text: a record of type 21 and two
# bytes. The client knows the keys of the handshake by then, and RFC 8446, section 6, says that alerts are encrypted by the
# keys of the connection's state.
# Guess before the run: a record of type 23, as everything after the ServerHello has it.
# Seen with OpenSSL 3.0.19, client and server: "records of the client: 22, 21 [2, 48]" (fatal, unknown_ca). So a program
# that watches the connection can read why it was refused.
set -euo pipefail
command -v openssl >/dev/null && command -v python3 >/dev/null
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
openssl version
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
openssl s_server -accept 127.0.0.1:0 -tls1_3 -cert cert.pem -key key.pem >server.log 2>&1 < <(sleep 20) &
server=$!
for _ in $(seq 50); do grep -q '^ACCEPT 127' server.log && break; sleep 0.1; done
port=$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' server.log)
python3 - "$port" <<'PYTHON'
import socket, subprocess, sys, threading
listener = socket.create_server(('127.0.0.1', 0))
client = subprocess.Popen(
    ['openssl', 's_client', '-connect', '127.0.0.1:%d' % listener.getsockname()[1], '-tls1_3', '-verify_return_error'],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
listener.settimeout(10)
near, _ = listener.accept()
near.settimeout(10)
far = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
def back():
    while data := far.recv(65536):
        near.sendall(data)
threading.Thread(target=back, daemon=True).start()
sent = b''
try:
    while data := near.recv(65536):
        sent += data
        far.sendall(data)
except OSError:
    pass
client.wait(10)
records = []
while sent:
    length = int.from_bytes(sent[3:5], 'big')
    records.append((sent[0], sent[5:5 + length]))
    sent = sent[5 + length:]
last = records[-1]
print('records of the client:', ', '.join(str(kind) for kind, _ in records), list(last[1]))
assert last[0] == 21 and list(last[1]) == [2, 48], 'the alert is not in plain text any more'
PYTHON
