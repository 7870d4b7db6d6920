import json
import sys
from socket import *


def outcome(call, *args):
    try:
        return call(*args)
    except OSError as error:
        return error.errno


def over_tcp(host, scope_id):
    listener = create_server((host, 0, 0, scope_id), family=AF_INET6)
    local = listener.getsockname()
    address = (host, local[1], 0, scope_id)
    client = socket(AF_INET6)
    errno = client.connect_ex(address)
    other = socket(AF_INET6)
    other.connect(address)
    return [local[0], local[3], errno, client.getpeername()[3], other.getpeername()[0]]


def over_udp(host, scope_id):
    receiver = socket(AF_INET6, SOCK_DGRAM)
    receiver.bind((host, 0, 0, scope_id))
    local = receiver.getsockname()
    address = (host, local[1], 0, scope_id)
    sender = socket(AF_INET6, SOCK_DGRAM)
    sender.sendto(b"x", address)
    data, source = receiver.recvfrom(10)
    connected = socket(AF_INET6, SOCK_DGRAM)
    connected.connect(address)
    return [local[0], local[3], data.decode(), source[0], source[3], connected.getpeername()[3]]


print(json.dumps([{"tcp": outcome(over_tcp, *one), "udp": outcome(over_udp, *one)} for one in json.loads(sys.argv[1])]))
