"""One end of TLS dialogues on Python's ssl module: one JSON line in, one JSON line out. See dialogue.ts."""

import hashlib
import json
import signal
import socket
import ssl
import sys

PATTERN = bytes(range(251))


class Blocks(BaseException):
    """The call waits for what never comes."""


def on_interrupt(_signal, _frame):
    if end is not None and end.is_running:
        end.is_running = False
        raise Blocks()


def fill(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def encode(value):
    if isinstance(value, bytes):
        return {'bytes': value.hex() if len(value) <= 16 else [len(value), hashlib.sha1(value).hexdigest()]}
    if isinstance(value, socket.socket):
        return 'a socket'
    if isinstance(value, (list, tuple)):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {key: encode(one) for key, one in value.items()}
    return value


def failure(error):
    """An error in the form that results have."""
    if isinstance(error, ssl.SSLError):
        result = {'error': type(error).__name__, 'errno': error.args[0] if len(error.args) > 1 else None}
        result['library'] = getattr(error, 'library', None)
        result['reason'] = getattr(error, 'reason', None)
        if hasattr(error, 'verify_code'):
            result['verify'] = [error.verify_code, error.verify_message]
        return result
    if isinstance(error, OSError):
        return {'error': type(error).__name__, 'errno': error.errno}
    if isinstance(error, ValueError):
        return {'error': 'RangeError'}
    return {'error': type(error).__name__}


class End:
    def __init__(self, folder, is_server):
        self.folder = folder
        self.is_server = is_server
        self.listener = None
        self.sock = None
        self.contexts = []
        self.session = None
        self.names = []
        self.made = []
        self.is_running = False

    def keep(self, sock):
        # As Node's sockets have it: else a second record of the handshake waits for an acknowledgement.
        if sock.fileno() >= 0:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.made.append(sock)
        return sock

    def listen(self):
        self.listener = self.keep(socket.create_server(('127.0.0.1', 0)))
        return self.listener.getsockname()[1]

    def file(self, name):
        return '%s/%s' % (self.folder, name)

    def context(self, settings):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if self.is_server else ssl.PROTOCOL_TLS_CLIENT)
        self.contexts.append(made)
        for name in settings.get('trusts', []):
            made.load_verify_locations(self.file(name + '.pem'))
        if 'check_hostname' in settings:
            made.check_hostname = settings['check_hostname']
        if 'verify_mode' in settings:
            made.verify_mode = ssl.VerifyMode(settings['verify_mode'])
        if 'chain' in settings:
            made.load_cert_chain(self.file(settings['chain'] + '.pem'), self.file(settings['chain'] + '.key'))
        if 'minimum_version' in settings:
            made.minimum_version = ssl.TLSVersion(settings['minimum_version'])
        if 'maximum_version' in settings:
            made.maximum_version = ssl.TLSVersion(settings['maximum_version'])
        if 'ciphers' in settings:
            made.set_ciphers(settings['ciphers'])
        if 'alpn' in settings:
            made.set_alpn_protocols(settings['alpn'])
        if 'sni' in settings:
            self.set_sni(made, settings['sni'])

    def set_sni(self, made, does):
        def choose(sock, name, context):
            self.names.append(name)
            if does == 'raise':
                raise RuntimeError('for the test')
            if does == 'switch' and name == 'elsewhere.test':
                other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                other.load_cert_chain(self.file('other-name.pem'), self.file('other-name.key'))
                sock.context = other
            return does if isinstance(does, int) else None

        made.sni_callback = choose

    def wrap(self, sock, options):
        options = dict(options)
        if options.pop('session', False):
            options['session'] = self.session
        return self.keep(self.contexts[-1].wrap_socket(sock, server_side=self.is_server, **options))

    def call(self, name, args, port):
        if name == 'context':
            return self.context(*args)
        if name == 'names':
            return self.names
        if name == 'socket':
            self.sock = self.keep(socket.socket())
            return None
        if name == 'connect':
            if not args or self.sock is None:
                self.sock = self.keep(socket.socket())
            return self.sock.connect(('127.0.0.1', port))
        if name == 'accept':
            self.sock = self.keep(self.listener.accept()[0])
            return None
        if name.startswith('wrap') and not self.contexts:
            return 'no context'
        if name == 'wrap_listener':
            self.listener = self.wrap(self.listener, *args)
            return None
        if self.sock is None:
            return 'no socket'
        if name == 'wrap':
            self.sock = self.wrap(self.sock, *args)
            return None
        if name == 'keep_session':
            self.session = self.sock.session
            return self.session is not None
        if name == 'receive':
            return self.receive(*args)
        if name == 'pending':
            return self.sock.pending() > 0
        if name == 'cipher':
            cipher = self.sock.cipher()
            return cipher and list(cipher)
        if name in ('send', 'sendall', 'write'):
            return getattr(self.sock, name)(fill(args[0]))
        if name == 'recv_into':
            room = bytearray(args[0])
            return bytes(room[:self.sock.recv_into(room)])
        if name == 'unwrap':
            self.sock = self.keep(self.sock.unwrap())
            return None
        if name == 'fileno':
            return self.sock.fileno() >= 0
        method = getattr(self.sock, name)
        return method(*args) if callable(method) else method

    def receive(self, size):
        """So many bytes, by as many calls as it takes; what ends it earlier is in the result."""
        received = b''
        while len(received) < size:
            try:
                piece = self.sock.recv(size - len(received))
            except (OSError, ValueError) as error:
                if not received:
                    raise
                return [encode(received), failure(error)]
            if not piece:
                return [encode(received), 'end']
            received += piece
        return [encode(received)]

    def step(self, name, args, port):
        try:
            return {'value': encode(self.call(name, args, port))}
        except (OSError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
            return failure(error)

    def run(self, calls, port):
        """Tells each result at once, and None when there are no more."""
        self.is_running = True
        try:
            for name, *args in calls:
                tell(self.step(name, args, port))
            self.is_running = False
        except Blocks:
            pass

    def end(self):
        for one in self.made:
            one.close()


def tell(answer):
    print(json.dumps(answer), flush=True)


end = None
signal.signal(signal.SIGUSR1, on_interrupt)
# An exception in a function for SNI is part of some dialogues.
sys.unraisablehook = lambda _: None
for line in sys.stdin:
    job = json.loads(line)
    answer = None
    if 'begin' in job:
        end = End(**job['begin'])
        answer = end.listen() if end.is_server else None
    elif 'end' in job:
        end.end()
    else:
        end.run(job['calls'], job['port'])
    tell(answer)
