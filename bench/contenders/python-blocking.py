"""Python's socket module with blocking calls. A server is a thread that serves one client after another."""

import socket
import threading

from worker import BURST, LARGE_BUFFER, LINES, Clock, address, work

# The buffer size of a file for each setting that uses one; -1 for Python's default.
BUFFERING = {"file": -1, "large file": LARGE_BUFFER}


def made(where, kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_UNIX if "path" in where else socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM and "path" not in where:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def connected(where):
    sock = made(where)
    sock.connect(address(where))
    return sock


def echo(command):
    message = b"m" * command["size"]
    buffer = bytearray(command["size"])
    with connected(command["where"]) as sock:
        clock = Clock(command["span"])
        count = 0
        while not clock.is_over():
            sock.sendall(message)
            if command["way"] == "into":
                sock.recv_into(buffer)
            else:
                sock.recv(len(message))
            count += 1
        return clock.measured(count)


def receive(command):
    size = command["size"]
    with connected(command["where"]) as sock:
        clock = Clock(command["span"])
        count = 0
        if command["way"] == "into":
            buffer = bytearray(size)
            while not clock.is_over():
                count += sock.recv_into(buffer)
        else:
            while not clock.is_over():
                count += len(sock.recv(size))
        return clock.measured(count)


def readline(command, mode="r"):
    with connected(command["where"]) as sock, sock.makefile(mode) as file:
        clock = Clock(command["span"])
        count = 0
        while not clock.is_over():
            file.readline()
            count += 1
        return clock.measured(count)


def send(command):
    chunk = b"m" * command["size"]
    with connected(command["where"]) as sock:
        clock = Clock(command["span"])
        count = 0
        if command["way"] in BUFFERING:
            with sock.makefile("wb", BUFFERING[command["way"]]) as file:
                while not clock.is_over():
                    file.write(chunk)
                    count += len(chunk)
        else:
            while not clock.is_over():
                sock.sendall(chunk)
                count += len(chunk)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)
        return clock.measured(count)


def connect(command):
    where = command["where"]
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        connected(where).close()
        count += 1
    return clock.measured(count)


def visit(command):
    where = command["where"]
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        with connected(where) as sock:
            sock.recv(1)
        count += 1
    return clock.measured(count)


def first_byte(command):
    to = address(command["where"])
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        with socket.create_connection(to) as sock:
            sock.sendall(b"?")
            sock.recv(1)
        count += 1
    return clock.measured(count)


# linux/udp.h; Python has no name for it.
UDP_SEGMENT = 103


def datagrams(measure):
    """A client's side with a UDP socket, its message, and how it is sent."""

    def run(command):
        to = address(command["where"])
        message = b"m" * command["size"]
        with made(command["where"], socket.SOCK_DGRAM) as sock:
            if command["connected"]:
                sock.connect(to)
                return measure(sock, command, lambda: sock.send(message))
            return measure(sock, command, lambda: sock.sendto(message, to))

    return run


def datagram_echo(sock, command, send):
    size = command["size"]
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        send()
        sock.recvfrom(size)
        count += 1
    return clock.measured(count)


def datagram_send(sock, command, send):
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        send()
        count += 1
    return clock.measured(count)


def datagram_burst(sock, command, send):
    clock = Clock(command["span"])
    count = 0
    if command["way"] == "segments":
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, command["size"])
        burst = b"m" * command["size"] * BURST
        to = address(command["where"])
    while not clock.is_over():
        if command["way"] == "segments":
            sock.sendto(burst, to)
        else:
            for _ in range(BURST):
                send()
        sock.recv(1)
        count += BURST
    return clock.measured(count)


def bound(serve):
    """A server's side with a UDP socket; to end one, it is woken with an empty datagram."""

    def start(command):
        sock = made(command["where"], socket.SOCK_DGRAM)
        sock.bind(address(command["where"]))

        def run():
            try:
                serve(sock, command)
            except OSError:
                pass

        return where_is(sock), ending(sock, threading.Thread(target=run))

    return start


def datagram_echo_server(sock, command):
    size = command["size"]
    while True:
        message, sender = sock.recvfrom(size)
        if sender is None or not message:
            return
        sock.sendto(message, sender)


def datagram_burst_server(sock, command):
    size = command["size"]
    message, sender = sock.recvfrom(size)
    if command["connected"]:
        sock.connect(sender)
    count = 1
    while message:
        message, sender = sock.recvfrom(size)
        count += 1
        if count % BURST == 0:
            if command["connected"]:
                sock.send(b"!")
            else:
                sock.sendto(b"!", sender)


def listening(serve):
    def start(command):
        if command["connections"] > 1:
            raise NotImplementedError
        where = command["where"]
        listener = made(where)
        listener.bind(address(where))
        listener.listen(4096)

        def run():
            while True:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    return
                with conn:
                    try:
                        serve(conn)
                    except OSError:
                        pass

        return where_is(listener), ending(listener, threading.Thread(target=run))

    return start


def where_is(sock):
    name = sock.getsockname()
    return {"path": name} if isinstance(name, str) else {"host": name[0], "port": name[1]}


def ending(sock, thread):
    """Starts a server's thread; returns the function that wakes it with an error and waits for its end."""
    thread.start()

    def stop():
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # a UDP socket that is not connected says so, and wakes its reader all the same
        thread.join()
        sock.close()

    return stop


def echo_server(conn):
    buffer = bytearray(65_536)
    view = memoryview(buffer)
    while size := conn.recv_into(buffer):
        conn.sendall(view[:size])


def source_server(conn):
    while True:
        conn.sendall(LINES)


def sink_server(conn):
    buffer = bytearray(262_144)
    while conn.recv_into(buffer):
        pass


work(
    clients={
        "echo": echo,
        "receive": receive,
        "readline": readline,
        "recv-line": lambda command: readline(command, "rb"),
        "send": send,
        "connect": connect,
        "visit": visit,
        "first-byte": first_byte,
        "datagram-echo": datagrams(datagram_echo),
        "datagram-send": datagrams(datagram_send),
        "datagram-send-many": datagrams(datagram_send),
        "datagram-burst": datagrams(datagram_burst),
    },
    servers={
        "echo": listening(echo_server),
        "source": listening(source_server),
        "sink": listening(sink_server),
        "accept": listening(lambda conn: None),
        "datagram-echo": bound(datagram_echo_server),
        "datagram-hole": bound(lambda sock, command: None),
        "datagram-burst": bound(datagram_burst_server),
    },
)
