"""Documents as rows of SQLite, with compare-and-set and a watch."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock
from typing import cast

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.ports import Change, Data, Document, Order, Version

POLL_S = 0.1  # how long a watch waits before it yields None

TABLE = """CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY, collection TEXT NOT NULL, data TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID"""
INDEX = "CREATE INDEX IF NOT EXISTS by_{} ON documents (collection, {}, {})"
INDEXED = ("rank_position", "created_at", "completed_at", "is_approved")  # of a shop's documents
VALUE = "json_extract(?, '$')"  # written and read as the documents' own
SELECT, SELECT_COUNT = "SELECT path, data, version FROM documents", "SELECT count(*) FROM documents"
COUNTER = "CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY AUTOINCREMENT)"
COUNT = "INSERT INTO writes DEFAULT VALUES RETURNING id"
FORGET = "DELETE FROM writes WHERE id < ?"  # AUTOINCREMENT never reuses a number
FIELD = re.compile("[a-z_]+")
WRITE = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)"


class SqliteDocuments:
    """Documents in ``database``; a version is the number of the write, which is never reused."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: list[tuple[str, SimpleQueue[Document]]] = []
        self._lock = Lock()
        with database.write() as connection:
            connection.execute(TABLE)
            for name in INDEXED:
                connection.execute(INDEX.format(name, _field("shop_id"), _field(name)))
            connection.execute(COUNTER)

    def read(self, path: str) -> Document | None:
        rows = self._database.rows("SELECT data, version FROM documents WHERE path = ?", (path,))
        return _document(rows[0]) if rows else None

    def read_all(self, paths: Sequence[str]) -> list[Document | None]:
        holders = ", ".join("?" * len(paths))
        query = f"SELECT path, data, version FROM documents WHERE path IN ({holders})"  # noqa: S608
        found = {row[0]: _document(row[1:]) for row in self._database.rows(query, tuple(paths))}
        return [found.get(path) for path in paths]

    def swap(self, path: str, data: Data, *, since: Version | None) -> Version | None:
        written = self.swap_all([Change(path, data, since)])
        return None if written is None else written[0]

    def swap_all(self, changes: Sequence[Change]) -> list[Version] | None:
        texts = [_to_json(change.data) for change in changes]
        with self._database.write() as connection:
            for change in changes:
                if _present_version(connection, change.path) != change.since:
                    return None
            return [
                str(self._write(connection, change.path, text))
                for change, text in zip(changes, texts, strict=True)
            ]

    def find(
        self, collection: str, where: Data, *, order: Order | None = None, most: int | None = None
    ) -> list[tuple[str, Document]]:
        matches, values = _matching(collection, where)
        after, begun = ("", ()) if order is None else _after(order)
        query = f"{SELECT} {matches}{after} ORDER BY {_by(order)} LIMIT ?"
        rows = self._database.rows(query, (*values, *begun, -1 if most is None else most))
        return [(cast("str", row[0]), _document(row[1:])) for row in rows]

    def count(self, collection: str, where: Data) -> int:
        matches, values = _matching(collection, where)
        return cast("int", self._database.rows(f"{SELECT_COUNT} {matches}", values)[0][0])

    def put(self, documents: Mapping[str, Data]) -> None:
        with self._database.write() as connection:
            for path, data in documents.items():
                self._write(connection, path, _to_json(data))

    def delete(self, paths: list[str]) -> None:
        with self._database.write() as connection:
            connection.executemany("DELETE FROM documents WHERE path = ?", [(p,) for p in paths])

    def forget(self) -> None:
        self._database.purge()

    def watch(self, path: str) -> Iterator[Document | None]:
        with self._watching(path) as news:
            seen = 0
            while True:
                document = self._newer(path, news, seen)
                if document is not None:
                    seen = int(document.version)
                yield document

    def _newer(self, path: str, news: SimpleQueue[Document], seen: int) -> Document | None:
        try:
            document = news.get(timeout=POLL_S)
        except Empty:  # another process may have written it
            newer = "SELECT data, version FROM documents WHERE path = ? AND version > ?"
            rows = self._database.rows(newer, (path, seen))
            return _document(rows[0]) if rows else None
        return document if int(document.version) > seen else None

    @contextmanager
    def _watching(self, path: str) -> Iterator[SimpleQueue[Document]]:
        news: SimpleQueue[Document] = SimpleQueue()
        watcher = (path, news)
        with self._lock:
            self._watchers.append(watcher)
        present = self.read(path)
        if present is not None:
            news.put(present)
        try:
            yield news
        finally:
            with self._lock:
                self._watchers.remove(watcher)

    def _write(self, connection: sqlite3.Connection, path: str, text: str) -> int:
        version: int = connection.execute(COUNT).fetchone()[0]
        connection.execute(FORGET, (version,))
        connection.execute(WRITE, (path, _collection(path), text, version))
        self._notify(path, text, version)
        return version

    def _notify(self, path: str, text: str, version: int) -> None:
        with self._lock:
            for watched, news in self._watchers:
                if watched == path:
                    news.put(_document((text, version)))


def _present_version(connection: sqlite3.Connection, path: str) -> Version | None:
    found = connection.execute("SELECT version FROM documents WHERE path = ?", (path,)).fetchone()
    return None if found is None else str(found[0])


def _collection(path: str) -> str:
    return path.split("/", 1)[0]


def _field(name: str) -> str:
    """The field as SQL that an index is made of, and therefore no parameter."""
    if not FIELD.fullmatch(name):
        raise ValueError(f"no field is called {name!r}")
    return f"json_extract(data, '$.{name}')"


def _matching(collection: str, where: Data) -> tuple[str, tuple[str, ...]]:
    clauses = "".join(f" AND {_field(name)} IS {VALUE}" for name in where)
    return f"WHERE collection = ?{clauses}", (collection, *map(_to_json, where.values()))


def _after(order: Order) -> tuple[str, tuple[str, ...]]:
    there = f" AND json_type(data, '$.{order.field}') IS NOT NULL"
    if order.after is None:
        return there, ()
    value, path = order.after
    field = _field(order.field)
    beyond = f"({field}, path) > ({VALUE}, ?)"
    if order.down:
        beyond = f"(({field}, path) < ({VALUE}, ?) OR {field} IS NULL)"
    return f"{there} AND {beyond}", (_to_json(value), path)


def _by(order: Order | None) -> str:
    if order is None:
        return "path"
    way = "DESC" if order.down else "ASC"
    return f"{_field(order.field)} {way}, path {way}"


def _document(row: tuple[object, ...]) -> Document:
    return Document(json.loads(cast("str", row[0]), object_hook=_from_json), str(row[1]))


def _to_json(data: object) -> str:
    return json.dumps(data, default=_encode, sort_keys=True)


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return {"$time": value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} cannot be kept in a document")


def _from_json(fields: dict[str, object]) -> object:
    time = fields.get("$time")
    return datetime.fromisoformat(time) if isinstance(time, str) else fields
