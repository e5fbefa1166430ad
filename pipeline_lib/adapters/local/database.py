"""One SQLite file that threads and processes share."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from pipeline_lib.errors import StoreUnavailable

BUSY_S = 10.0  # another process's write takes milliseconds


class Database:
    """The file at ``path``, opened when it is first used; reads do not wait for writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = Lock()
        self._writer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []  # idle ones

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction without overlapping writes; committed on leaving, rolled back on error."""
        with self._writing, _translate_errors():
            if self._writer is None:
                self._writer = self._connect()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """All rows of a query, as they are now."""
        with _translate_errors(), self._reader() as connection:
            return connection.execute(query, values).fetchall()

    def purge(self) -> None:
        """Rewrite the file, so that nothing deleted or replaced is left in it.

        SQLite's own secure_delete leaves copies behind where it has moved rows between pages.

        Raises:
            StoreUnavailable: another process keeps an older state in use.
        """
        with self._writing, _translate_errors():
            if self._writer is None:
                self._writer = self._connect()
            self._writer.execute("VACUUM")
            busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreUnavailable("the embedded store is in use by another process")

    def close(self) -> None:
        """Close the file; a later use opens it again."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            while self._readers:
                self._readers.pop().close()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._readers.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._readers.append(connection)

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # safe against kill -9
        return connection


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"the embedded store does not answer: {error}") from error
