"""Obeys the commands of the benchmark, one a line, and answers them: see bench/tasks.ts."""

import gc
import json
import os
import resource
import sys
import time

BURST = 64
LARGE_BUFFER = 131_072
SERVER_NAME = "localhost"
LEAST_SHARE = 0.4
LONGEST = 20
LINES = (b"x" * 63 + b"\n") * 1024


class Clock:
    """How long a client goes on; as in bench/tasks.ts, the clock is read only once in so many calls."""

    def __init__(self, span, asked_at_a_time=16):
        self.started = time.perf_counter()
        self.used_before = time.process_time()
        self.seconds = span["seconds"]
        self.times = span.get("times")
        self.asked_at_a_time = asked_at_a_time
        self.asked = 0

    def is_over(self):
        self.asked += 1
        if self.asked == self.times:
            return True
        return self.asked % self.asked_at_a_time == 0 and self.is_time_over()

    def is_time_over(self):
        elapsed = time.perf_counter() - self.started
        if elapsed < self.seconds:
            return False
        used = time.process_time() - self.used_before
        return used >= self.seconds * LEAST_SHARE or elapsed >= self.seconds * LONGEST

    def measured(self, count):
        return {"count": count, "seconds": time.perf_counter() - self.started}


def work(clients, servers):
    """Runs the commands; a server is a function that returns where it is, and a function that ends it."""
    stop = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if "stop" in command:
                if stop is not None:
                    stop()
                stop, result = None, {}
            elif "memory" in command:
                result = {"bytes": memory()}
            elif "server" in command:
                serve = servers.get(command["server"])
                if serve is None:
                    result = {"unable": True}
                else:
                    where, stop = serve(command)
                    result = {"where": where}
            else:
                run = clients.get(command["client"])
                result = {"unable": True} if run is None else run(command)
            result["processorSeconds"] = time.process_time()
        except NotImplementedError:
            result = {"unable": True}
        except Exception as error:
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)
    # The parent is gone: no command will end a server, and its threads would stay.
    os._exit(0)


def memory():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def address(where):
    return where["path"] if "path" in where else (where["host"], where["port"])
