import subprocess
import sys

import pytest

MANY = """
import sys
from threading import Barrier, Thread
from pipeline_lib.runtime import memory

def held_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024

if sys.argv[1] == "told":
    memory.give_back_large()
before, together = held_mb(), Barrier(8)

def receive():
    for _ in range(3):
        block = bytearray(20_000_000)
        together.wait()
        del block
    together.wait()

threads = [Thread(target=receive) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(held_mb() - before)
"""


def kept_mb(how):
    command = [sys.executable, "-c", MANY, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: reads what Linux tells of memory")
def test_what_many_threads_received_is_given_back():
    assert kept_mb("told") < 10
