"""Collections of records over the port of documents; what is read carries its version."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.ports import Change as PortChange
from pipeline_lib.ports import Document, Documents, Order, Version
from pipeline_lib.records.record import Record

ATTEMPTS = 50  # each lost race means that another writer got on

R = TypeVar("R", bound=Record)
Transition = Callable[[R], R]


@dataclass(frozen=True)
class Stored(Generic[R]):
    """A record as it was read, with the version that a change compares with."""

    record: R
    version: Version

    def becomes(self, record: R) -> PortChange:
        """The change to another state of the same record, to be written with others at once."""
        return PortChange(record.path, record.fields(), self.version)


def creation(record: Record) -> PortChange:
    """The change that stores a record where there is none of its key."""
    return PortChange(record.path, record.fields(), None)


class Records(Generic[R]):
    """One collection. Every method raises StoreUnavailable when the store does not answer."""

    def __init__(self, documents: Documents, model: type[R]) -> None:
        self._documents = documents
        self._model = model

    def read(self, key: str) -> Stored[R] | None:
        """The newest version, or None when there is none."""
        return self.parse(self._documents.read(self.path(key)))

    def parse(self, document: Document | None) -> Stored[R] | None:
        """A document of the collection as its record."""
        if document is None:
            return None
        return Stored(self._model.of(document.data), document.version)

    def create(self, record: R) -> Stored[R] | None:
        """Store the record unless there is one of its key; None when there is."""
        return self._swap(record, since=None)

    def swap(self, stored: Stored[R], record: R) -> Stored[R] | None:
        """Replace the version that was read; None when another write came first."""
        return self._swap(record, since=stored.version)

    def change(self, at: str | Stored[R], change: Transition[R]) -> Stored[R] | None:
        """Apply ``change`` to the newest version and return what is stored then.

        Args:
            at: the key, or what was read: then it is read anew only after a lost race.
            change: pure, since it may be called several times; what it raises ends the change.

        Returns:
            None when there is no such record.

        Raises:
            StoreUnavailable: every attempt was overtaken.
        """
        stored = self.read(at) if isinstance(at, str) else at
        for _ in range(ATTEMPTS):
            if stored is None:
                return None
            changed = change(stored.record)
            if changed == stored.record:
                return stored
            written = self.swap(stored, changed)
            if written is not None:
                return written
            stored = self.read(stored.record.key)
        raise StoreUnavailable(f"{self._model.collection} is written to by too many at once")

    def create_or_change(self, fresh: R, change: Transition[R]) -> Stored[R]:
        """Store ``change(fresh)`` where there is no record of its key, else change that one.

        Raises:
            StoreUnavailable: every attempt was overtaken.
        """
        for _ in range(ATTEMPTS):
            stored = self.change(fresh.key, change) or self.create(change(fresh))
            if stored is not None:
                return stored
        raise StoreUnavailable(f"{fresh.path} is written to by too many at once")

    def find(
        self,
        *,
        order: Order | None = None,
        most: int | None = None,
        **where: Any,  # noqa: ANN401 - mypy's plugin names the fields
    ) -> list[Stored[R]]:
        """The records whose fields are as said, by key unless an order is given.

        ``most`` are the first so many, and no more is read.
        """
        found = self._documents.find(self._model.collection, where, order=order, most=most)
        return [Stored(self._model.of(one.data), one.version) for _, one in found]

    def count(self, **where: Any) -> int:  # noqa: ANN401 - as above
        """How many records have fields as said; none is read."""
        return self._documents.count(self._model.collection, where)

    def put(self, *records: R) -> None:
        """Write the records over whatever is there."""
        self._documents.put({record.path: record.fields() for record in records})

    def delete(self, *keys: str) -> None:
        """Remove the records; those that are not there do not matter."""
        self._documents.delete([self.path(key) for key in keys])

    def watch(self, key: str) -> Iterator[R | None]:
        """Every version from now on, the present one first; None now and then while none comes."""
        for document in self._documents.watch(self.path(key)):
            yield None if document is None else self._model.of(document.data)

    def path(self, key: str) -> str:
        """Where the document of that key is."""
        return f"{self._model.collection}/{key}"

    def _swap(self, record: R, *, since: Version | None) -> Stored[R] | None:
        version = self._documents.swap(record.path, record.fields(), since=since)
        return None if version is None else Stored(record, version)


def is_current(record: Record, now: datetime) -> bool:
    """Whether readers may still see the record: stores delete what has expired later."""
    return record.dead_at is None or record.dead_at > now
