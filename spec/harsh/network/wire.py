"""A cable between two network namespaces: its own, and that of another process.

    unshare --net python3 wire.py PID

It makes a TUN device at each end and passes packets on, as the lines of its standard input say: `set LOSS DELAY REORDER SEED`
(two shares of 1, and seconds each way), `cut` and `mend` (the devices notice nothing), `unplug` and `plug` (they lose their
carrier), or `count`. Each line is answered by a line: `ok PASSED LOST`, the numbers of packets so far. netem does the same within the
kernel, where the kernel has it.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, TUNSETCARRIER = 0x400454CA, 0x400454E2
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1500

NEAR, FAR = "10.77.0.1", "10.77.0.2"

# A packet that is to overtake others does not wait; those before it do.
loss, delay, reorder = 0.0, 0.0, 0.0
is_cut = False
chance = random.Random(0)
passed, lost = 0, 0


def device(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def run(*words):
    subprocess.run(words, check=True)


def set_up(pid):
    near, far = device("near"), device("far")
    run("ip", "link", "set", "far", "netns", pid)
    inside = ("nsenter", "--target", pid, "--net")
    for place, name, own, other in (((), "near", NEAR, FAR), (inside, "far", FAR, NEAR)):
        run(*place, "ip", "link", "set", "lo", "up")
        run(*place, "ip", "address", "add", own, "peer", other, "dev", name)
        run(*place, "ip", "link", "set", name, "up", "mtu", str(MTU))
    return near, far


def obey(line, ends):
    global loss, delay, reorder, is_cut, chance
    word, *values = line.split()
    if word == "set":
        loss, delay, reorder = map(float, values[:3])
        chance = random.Random(int(values[3]))
    elif word in ("cut", "mend"):
        is_cut = word == "cut"
    elif word in ("unplug", "plug"):
        for end in ends:
            fcntl.ioctl(end, TUNSETCARRIER, struct.pack("i", word == "plug"))
    elif word != "count":
        raise SystemExit(f"wire.py: {word}?")
    print("ok", passed, lost, flush=True)


def deliver(packet, end):
    global passed
    try:
        os.write(end, packet)
        passed += 1
    except OSError:
        # Its device is down.
        pass


def main():
    global lost
    near, far = set_up(sys.argv[1])
    other = {near: far, far: near}
    waiting = []
    count = 0
    print("ready", flush=True)
    commands = b""
    while True:
        pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([0, near, far], [], [], pause)
        if 0 in readable:
            block = os.read(0, 4096)
            if not block:
                return
            *lines, commands = (commands + block).split(b"\n")
            for line in lines:
                obey(line.decode(), (near, far))
        now = time.monotonic()
        for end in readable:
            if end == 0:
                continue
            try:
                packet = os.read(end, MTU + 100)
            except OSError:
                continue
            if is_cut or chance.random() < loss:
                lost += 1
                continue
            overtakes = chance.random() < reorder
            count += 1
            heapq.heappush(waiting, (now if overtakes else now + delay, count, packet, other[end]))
        while waiting and waiting[0][0] <= now:
            _, _, packet, end = heapq.heappop(waiting)
            deliver(packet, end)


main()
