"""The chain in a process of its own, beside the one that starts it; nothing is served here."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.errors import PipelineError
from pipeline_lib.runtime import chain, wiring
from pipeline_lib.runtime.settings import process_settings

LOG = "log.jsonl"
LEAVING_S = 60  # a phase ends what it is at; what is cut off later is done again
NICENESS = 10  # who waits for an answer comes first


class ChainEnded(PipelineError):
    """The process that runs the chain is gone, and nobody asked it to go."""

    retriable = False
    code = "CHAIN_ENDED"


class Worker:
    """The process, as the one that started it sees it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def wait(self) -> None:
        """Wait for as long as it works.

        Raises:
            ChainEnded: it does no more.
        """
        status = self._process.wait()
        raise ChainEnded(
            f"the chain's process ended ({_told(status)}); start again and it goes on where it was"
        )

    def leave(self) -> None:
        """Let it end what it is at."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(LEAVING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def start_beside(folder: Path) -> Iterator[Worker]:
    """Run the chain on ``folder`` in another process until the block is left.

    It ends with this one, however that ends; until it has, nobody else gets the folder.

    Raises:
        FolderInUse: another process runs the chain on the folder.
    """
    with chain.lock_folder(folder) as lock:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", __name__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[lock],
            process_group=0,  # an interrupt at the keyboard is not for it
        )
        worker = Worker(process)
        try:
            yield worker
        finally:
            worker.leave()


def run_until_closed(folder: Path) -> None:
    """Run the chain until the other side lets go of this process's input."""
    os.nice(NICENESS)
    with (
        logs.to_file(folder / LOG, level=process_settings().log_level),
        closing(wiring.embedded(folder, process_settings().limits)) as stores,
        chain.run_workers(stores),
    ):
        sys.stdin.buffer.read()


def _told(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"


if __name__ == "__main__":
    run_until_closed(Path(sys.argv[1]))
