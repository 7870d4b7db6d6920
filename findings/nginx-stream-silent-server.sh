#!/usr/bin/env bash
# nginx 1.22.1 (Debian, with its module for streams): a server that is silent never counts as failed, however often
# proxy_timeout ends a connection to it.
#
# Guessed: max_fails is "the number of unsuccessful attempts to communicate with the server", so the first connection
# that proxy_timeout ends takes the silent server out for fail_timeout, and one of ten clients waits in vain. Seen: five
# of ten do. Only what goes wrong before the connection is made is an attempt that failed. The kernel makes the
# connection for a process that is stopped, or whose event loop is blocked, as long as its queue has room: nginx sends
# such a server its share of the clients until it is killed. A server that refuses is left out after one client.
#
# Output seen: silent: 5 of 10 without an answer, refusing: 0 of 10 without an answer
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >servers.py <<'PY'
import socket, subprocess, sys, threading, time

def listening():
    one = socket.socket()
    one.bind(('127.0.0.1', 0))
    one.listen()
    return one

def answer(listener):
    while True:
        conn, _ = listener.accept()
        conn.sendall(b'hello')
        conn.close()

good, silent, front = listening(), listening(), listening()
threading.Thread(target=answer, args=(good,), daemon=True).start()
port = front.getsockname()[1]
front.close()

def unanswered():
    lost = 0
    for _ in range(10):
        with socket.create_connection(('127.0.0.1', port)) as client:
            lost += client.recv(10) == b''
    return lost

def run(kind):
    with open('nginx.conf', 'w') as file:
        file.write(f'''
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off; master_process off; pid nginx.pid; error_log /dev/null;
events {{}}
stream {{
  upstream both {{
    server 127.0.0.1:{silent.getsockname()[1]} max_fails=1 fail_timeout=60s;
    server 127.0.0.1:{good.getsockname()[1]} max_fails=1 fail_timeout=60s;
  }}
  server {{ listen 127.0.0.1:{port}; proxy_pass both; proxy_timeout 300ms; }}
}}''')
    if kind == 'refusing':
        silent.shutdown(socket.SHUT_RDWR)
    nginx = subprocess.Popen(['nginx', '-p', '.', '-c', 'nginx.conf', '-e', 'stderr'])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', port)) == 0:
                    probe.recv(10)
                    break
            time.sleep(0.05)
        return f'{kind}: {unanswered()} of 10 without an answer'
    finally:
        nginx.terminate()
        nginx.wait()

print(run('silent'), run('refusing'), sep=', ')
PY
printed=$(timeout 60 python3 servers.py)
echo "$printed"
[ "$printed" = 'silent: 5 of 10 without an answer, refusing: 0 of 10 without an answer' ]
