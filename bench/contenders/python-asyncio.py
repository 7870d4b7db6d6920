"""Python's asyncio, with its streams."""

import asyncio
import functools
import socket
import ssl
import threading

from worker import BURST, LINES, SERVER_NAME, Clock, work

loop = asyncio.new_event_loop()


def client(coroutine):
    """A client's side: a coroutine that is run to its end."""
    return lambda command: asyncio.run_coroutine_threadsafe(coroutine(command), loop).result()


@functools.cache
def client_context(certificate):
    context = ssl.create_default_context(cafile=certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def server_context(files):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(files["certificate"], files["key"])
    return context


async def connected(command):
    where = command["where"]
    if "path" in where:
        return await asyncio.open_unix_connection(where["path"])
    tls = {}
    if command["client"].startswith("tls-"):
        tls = {"ssl": client_context(command["files"]["certificate"]), "server_hostname": SERVER_NAME}
    return await asyncio.open_connection(where["host"], where["port"], **tls)


async def closed(writer):
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass


async def echo(command):
    reader, writer = await connected(command)
    size = command["size"]
    message = b"m" * size
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        writer.write(message)
        await writer.drain()
        await reader.read(size)
        count += 1
    measured = clock.measured(count)
    await closed(writer)
    return measured


async def receive(command):
    reader, writer = await connected(command)
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        count += len(await reader.read(command["size"]))
    measured = clock.measured(count)
    await closed(writer)
    return measured


async def readline(command):
    reader, writer = await connected(command)
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        await reader.readline()
        count += 1
    measured = clock.measured(count)
    await closed(writer)
    return measured


async def send(command):
    reader, writer = await connected(command)
    chunk = b"m" * command["size"]
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        writer.write(chunk)
        await writer.drain()
        count += len(chunk)
    if writer.can_write_eof():
        writer.write_eof()
        await reader.read()
    else:
        # Over TLS, closing waits for the other side.
        await closed(writer)
    measured = clock.measured(count)
    await closed(writer)
    return measured


async def connect(command):
    clock = Clock(command["span"], 1 if command["client"] == "tls-connect" else 16)
    count = 0
    while not clock.is_over():
        _, writer = await connected(command)
        writer.close()
        count += 1
    return clock.measured(count)


async def first_byte(command):
    clock = Clock(command["span"])
    count = 0
    while not clock.is_over():
        reader, writer = await connected(command)
        writer.write(b"?")
        await reader.read(1)
        writer.close()
        count += 1
    return clock.measured(count)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, on_datagram):
        self.on_datagram = on_datagram

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        self.on_datagram(self.transport, data, sender)


async def datagram_echo(command):
    where = command["where"]
    to = (where["host"], where["port"])
    peer = None if command["connected"] else to
    message = b"m" * command["size"]
    clock = Clock(command["span"])
    done = loop.create_future()
    count = 0

    def on_datagram(transport, data, sender):
        nonlocal count
        count += 1
        if not clock.is_over():
            transport.sendto(message, peer)
        elif not done.done():
            done.set_result(clock.measured(count))

    endpoint = {"remote_addr": to} if command["connected"] else {"family": socket.AF_INET}
    transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(on_datagram), **endpoint)
    transport.sendto(message, peer)
    measured = await done
    transport.close()
    return measured


async def datagram_burst_server(command):
    where = command["where"]
    count = 0

    def on_datagram(transport, data, sender):
        nonlocal count
        count += 1
        if count % BURST == 0:
            transport.sendto(b"!", sender)

    local = (where["host"], where["port"])
    transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(on_datagram), local_addr=local)
    host, port = transport.get_extra_info("sockname")
    return {"host": host, "port": port}, lambda: loop.call_soon_threadsafe(transport.close)


def listening(serve):
    """A server's side, whose clients are each served by a task."""

    async def start(command):
        tasks = set()

        async def handle(reader, writer):
            tasks.add(asyncio.current_task())
            try:
                await serve(reader, writer)
            except OSError:
                pass
            finally:
                await closed(writer)
                tasks.discard(asyncio.current_task())

        where = command["where"]
        if "path" in where:
            server = await asyncio.start_unix_server(handle, where["path"], backlog=4096)
        else:
            tls = server_context(command["files"]) if command["server"].startswith("tls-") else None
            server = await asyncio.start_server(handle, where["host"], where["port"], backlog=4096, ssl=tls)
            host, port = server.sockets[0].getsockname()
            where = {"host": host, "port": port}

        async def stop():
            server.close()
            if tasks:
                await asyncio.wait(tasks)

        return where, lambda: asyncio.run_coroutine_threadsafe(stop(), loop).result()

    return client(start)


async def echo_server(reader, writer):
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def source_server(reader, writer):
    while True:
        writer.write(LINES)
        await writer.drain()


async def sink_server(reader, writer):
    while await reader.read(65_536):
        pass


async def accept_server(reader, writer):
    pass


threading.Thread(target=loop.run_forever, daemon=True).start()
work(
    clients={
        "echo": client(echo),
        "receive": client(receive),
        "readline": client(readline),
        "recv-line": client(readline),
        "send": client(send),
        "connect": client(connect),
        "first-byte": client(first_byte),
        "datagram-echo": client(datagram_echo),
        "tls-echo": client(echo),
        "tls-receive": client(receive),
        "tls-send": client(send),
        "tls-connect": client(connect),
    },
    servers={
        "echo": listening(echo_server),
        "source": listening(source_server),
        "sink": listening(sink_server),
        "accept": listening(accept_server),
        "datagram-burst": client(datagram_burst_server),
        "tls-echo": listening(echo_server),
        "tls-source": listening(source_server),
        "tls-sink": listening(sink_server),
        "tls-accept": listening(accept_server),
    },
)
