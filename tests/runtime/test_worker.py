import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from pipeline_lib.clock import now
from pipeline_lib.errors import PipelineError
from pipeline_lib.messages import Landing, Message
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.opening import record_landing
from pipeline_lib.runtime import chain, wiring, worker
from pipeline_lib.runtime.chain import FolderInUse
from pipeline_lib.runtime.worker import ChainEnded
from tests.uploads import opened

BESIDE = """
import sys, time
from pathlib import Path
from pipeline_lib.runtime import worker
with worker.start_beside(Path(sys.argv[1])) as process:
    print("working", flush=True)
    time.sleep(600)
"""


def sweeps(folder):
    """Leaves a message, and waits until the chain has taken it."""
    with closing(wiring.embedded(folder)) as stores:
        stores.topics.publish("cleanup", Message(b"{}", {}))
        until = time.monotonic() + 60
        while stores.topics.waiting() and time.monotonic() < until:
            time.sleep(0.05)
        return stores.topics.waiting() == 0


def freed(folder):
    """Whether the folder can be had, by and by."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with chain.lock_folder(folder):
                return True
        except PipelineError:
            time.sleep(0.05)
    return False


def test_the_chain_works_in_a_process_of_its_own_until_it_is_left(tmp_path):
    with worker.start_beside(tmp_path):
        swept = sweeps(tmp_path)
        with pytest.raises(FolderInUse), chain.lock_folder(tmp_path):
            pass

    assert swept
    assert freed(tmp_path)


def test_the_end_of_its_process_is_told(tmp_path):
    with worker.start_beside(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)

        with pytest.raises(ChainEnded, match="signal 9"):
            process.wait()


def at_work(folder):
    """Makes the chain read a file that has no end until somebody writes one; gives the file."""
    with closing(wiring.embedded(folder)) as stores:
        collections = Collections(stores.documents)
        [name] = opened(stores.documents, "u", shop="s", now=now()).values()
        file = folder / wiring.LANDING / name
        file.parent.mkdir(parents=True)
        os.mkfifo(file)
        work = record_landing(collections, Landing(name, ""), now=now())
        stores.topics.publish("ingest", work.message())
        until = time.monotonic() + 60
        while collections.leases.read("u.1.ingest") is None and time.monotonic() < until:
            time.sleep(0.05)
    return file


def test_it_ends_with_a_process_that_is_killed_and_keeps_the_folder_until_then(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", BESIDE, tmp_path], stdout=subprocess.PIPE, text=True
    ) as interface:
        interface.stdout.readline()
        file = at_work(tmp_path)
        interface.kill()
        interface.wait()
        with pytest.raises(FolderInUse), chain.lock_folder(tmp_path):
            pass

    os.close(os.open(file, os.O_WRONLY))
    assert freed(tmp_path)
