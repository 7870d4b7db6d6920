"""Python's end of transfers: reads jobs as lines of JSON, runs each in a thread, and prints lines of JSON: the port where a
server's job listens, and what the job has seen."""

import errno
import hashlib
import json
import socket
import ssl
import sys
import threading
import time

PERIOD = 65_521
BLOCK = b''.join(hashlib.sha256(b'%d' % index).digest() for index in range(-(-PERIOD // 32)))[:PERIOD]

certificate, key, authority = sys.argv[1:]
contexts = {
    'server': ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    'client': ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
}
contexts['server'].load_cert_chain(certificate, key)
contexts['client'].load_verify_locations(authority)
printing = threading.Lock()


def tell(value):
    with printing:
        print(json.dumps(value), flush=True)


def bytes_of(seed, side, length):
    offset = (seed * 2 + (side == 'server')) * 7919 % PERIOD
    turned = BLOCK[offset:] + BLOCK[:offset]
    return (turned * (length // PERIOD + 1))[:length]


def name_of(error):
    if isinstance(error, TimeoutError):
        return 'TimeoutError'
    if isinstance(error, ssl.SSLError):
        return type(error).__name__
    return errno.errorcode.get(error.errno, type(error).__name__)


class End:
    def __init__(self, job):
        self.job = job
        self.sent = {'count': 0, 'end': 'not begun'}
        self.received = {'count': 0, 'end': 'not begun'}
        self.slowest = 0

    def timed(self, call, *arguments):
        started = time.monotonic()
        try:
            return call(*arguments)
        finally:
            self.slowest = max(self.slowest, time.monotonic() - started)

    def send(self, s):
        data = bytes_of(self.job['seed'], self.job['side'], self.job['sends'])
        try:
            while self.sent['count'] < len(data):
                chunk = data[self.sent['count']:self.sent['count'] + self.job['chunk']]
                self.timed(s.sendall, chunk)
                self.sent['count'] += len(chunk)
            if self.job['transport'] == 'TCP':
                s.shutdown(socket.SHUT_WR)
            self.sent['end'] = 'done'
        except OSError as error:
            self.sent['end'] = name_of(error)

    def receive(self, s):
        other = 'client' if self.job['side'] == 'server' else 'server'
        expected = bytes_of(self.job['seed'], other, self.job['expects'])
        try:
            while block := self.timed(s.recv, 65536):
                before = self.received['count']
                self.received['count'] += len(block)
                if block != expected[before:before + len(block)]:
                    self.received['end'] = 'WRONG BYTES'
                    return
            if self.job['transport'] == 'TLS':
                self.timed(s.unwrap)
            self.received['end'] = 'end'
        except OSError as error:
            self.received['end'] = name_of(error)

    def talk(self):
        try:
            # A fault may come as early as this: the connection is reset before connect() returns.
            raw = connection(self.job)
        except OSError as error:
            self.sent['end'] = self.received['end'] = name_of(error)
            return
        raw.settimeout(self.job['limit'])
        s = raw
        try:
            if self.job['transport'] == 'TLS':
                side = self.job['side']
                name = {'server_hostname': 'localhost'} if side == 'client' else {'server_side': True}
                s = self.timed(lambda: contexts[side].wrap_socket(raw, suppress_ragged_eofs=False, **name))
        except OSError as error:
            self.sent['end'] = self.received['end'] = name_of(error)
            raw.close()
            return
        with s:
            self.send(s)
            self.receive(s)


def connection(job):
    if job['side'] == 'client':
        return socket.create_connection(('127.0.0.1', job['port']), 20)
    with socket.create_server(('127.0.0.1', 0)) as listener:
        tell({'seed': job['seed'], 'port': listener.getsockname()[1]})
        listener.settimeout(20)
        return listener.accept()[0]


def run(job):
    end = End(job)
    try:
        end.talk()
        strange = None
    except Exception as error:
        strange = repr(error)
    told = {'sent': end.sent, 'received': end.received, 'slowest': end.slowest * 1000, 'strange': strange}
    tell({'seed': job['seed'], 'told': told})


for line in sys.stdin:
    threading.Thread(target=run, args=(json.loads(line),), daemon=True).start()
