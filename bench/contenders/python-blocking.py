"""Python's socket module as it is meant: calls that block. A server is a thread that serves one client after another."""

import socket
import threading

from worker import BURST, LINES, Clock, address, work


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
        clock = Clock(command["seconds"])
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
        clock = Clock(command["seconds"])
        count = 0
        if command["way"] == "into":
            buffer = bytearray(size)
            while not clock.is_over():
                count += sock.recv_into(buffer)
        else:
            while not clock.is_over():
                count += len(sock.recv(size))
        return clock.measured(count)


def readline(command):
    with connected(command["where"]) as sock, sock.makefile("r") as file:
        clock = Clock(command["seconds"])
        count = 0
        while not clock.is_over():
            file.readline()
            count += 1
        return clock.measured(count)


def send(command):
    chunk = b"m" * command["size"]
    with connected(command["where"]) as sock:
        clock = Clock(command["seconds"])
        count = 0
        if command["way"] == "file":
            with sock.makefile("wb") as file:
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
    clock = Clock(command["seconds"])
    count = 0
    while not clock.is_over():
        connected(where).close()
        count += 1
    return clock.measured(count)


def visit(command):
    where = command["where"]
    clock = Clock(command["seconds"])
    count = 0
    while not clock.is_over():
        with connected(where) as sock:
            sock.recv(1)
        count += 1
    return clock.measured(count)


def first_byte(command):
    to = address(command["where"])
    clock = Clock(command["seconds"])
    count = 0
    while not clock.is_over():
        with socket.create_connection(to) as sock:
            sock.sendall(b"?")
            sock.recv(1)
        count += 1
    return clock.measured(count)


def listening(serve):
    def start(command):
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
    """Starts a server's thread; gives the function that wakes it with an error and waits for its end."""
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
        "send": send,
        "connect": connect,
        "visit": visit,
        "first-byte": first_byte,
    },
    servers={
        "echo": listening(echo_server),
        "source": listening(source_server),
        "sink": listening(sink_server),
        "accept": listening(lambda conn: None),
    },
)
