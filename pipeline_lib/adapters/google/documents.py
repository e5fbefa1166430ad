"""Documents in Firestore, with compare-and-set on the update time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore_v1 import Client, FieldFilter, Query, Watch
from google.cloud.firestore_v1.aggregation import AggregationQuery
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from pipeline_lib.adapters.google.errors import translate_google_errors
from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.ports import Change, Data, Document, Order, Version

POLL_S = 0.1  # how long a watch waits before it yields None
PATH = "__name__"
BATCH_SIZE = 500  # writes of one commit
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)  # the precision of an update time

Snapshots = SimpleQueue[DocumentSnapshot[Any]]


class FirestoreDocuments:
    """Documents of ``client``'s database; a version is the update time in microseconds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, path: str) -> Document | None:
        with translate_google_errors():
            found = self._client.document(path).get()
        return _document(found) if found.exists else None

    def read_all(self, paths: Sequence[str]) -> list[Document | None]:
        references = [self._client.document(path) for path in paths]
        with translate_google_errors():
            snapshots = list(self._client.get_all(references))
        found = {one.reference.path: _document(one) for one in snapshots if one.exists}
        return [found.get(path) for path in paths]

    def swap(self, path: str, data: Data, *, since: Version | None) -> Version | None:
        written = self.swap_all([Change(path, data, since)])
        return None if written is None else written[0]

    def swap_all(self, changes: Sequence[Change]) -> list[Version] | None:
        batch = self._client.batch()
        for change in changes:
            reference, fields = self._client.document(change.path), _to_firestore(change.data)
            if change.since is None:
                batch.create(reference, fields)
            else:
                batch.set(reference, fields)
                unchanged = self._client.write_option(last_update_time=_time(change.since))
                # The service takes the precondition with a set, the library's set does not.
                unchanged.modify_write(batch._write_pbs[-1])  # noqa: SLF001
        with translate_google_errors():
            try:
                return [_version(result.update_time) for result in batch.commit()]
            except (AlreadyExists, FailedPrecondition, NotFound):
                return None

    def find(
        self, collection: str, where: Data, *, order: Order | None = None, most: int | None = None
    ) -> list[tuple[str, Document]]:
        query = self._matching(collection, where)
        way = Query.DESCENDING if order is not None and order.down else Query.ASCENDING
        if order is not None:
            query = query.order_by(order.field, direction=way)
        query = query.order_by(PATH, direction=way)
        if order is not None and order.after is not None:
            value, path = order.after
            query = query.start_after([_to_firestore(value), self._client.document(path)])
        if most is not None:
            query = query.limit(most)
        with translate_google_errors():
            return [(snapshot.reference.path, _document(snapshot)) for snapshot in query.stream()]

    def count(self, collection: str, where: Data) -> int:
        with translate_google_errors():
            counted: Any = AggregationQuery(self._matching(collection, where)).count().get()
        return int(counted[0][0].value)

    def _matching(self, collection: str, where: Data) -> Query:
        query = Query(self._client.collection(collection))
        for field, value in where.items():
            query = query.where(filter=FieldFilter(field, "==", value))
        return query

    def put(self, documents: Mapping[str, Data]) -> None:
        waiting = iter(documents.items())
        while some := list(islice(waiting, BATCH_SIZE)):
            batch = self._client.batch()
            for path, data in some:
                batch.set(self._client.document(path), _to_firestore(data))
            with translate_google_errors():
                batch.commit()

    def delete(self, paths: list[str]) -> None:
        for begin in range(0, len(paths), BATCH_SIZE):
            batch = self._client.batch()
            for path in paths[begin : begin + BATCH_SIZE]:
                batch.delete(self._client.document(path))
            with translate_google_errors():
                batch.commit()

    def forget(self) -> None:
        return  # Firestore drops former versions when its recovery window ends

    def watch(self, path: str) -> Iterator[Document | None]:
        arrivals: Snapshots = SimpleQueue()

        def collect(snapshots: list[DocumentSnapshot[Any]], *_: object) -> None:
            for snapshot in snapshots:
                arrivals.put(snapshot)

        with translate_google_errors():
            watch = self._client.document(path).on_snapshot(collect)
        try:
            yield from _versions(watch, arrivals)
        finally:
            watch.unsubscribe()  # type: ignore[no-untyped-call]


def _versions(watch: Watch, arrivals: Snapshots) -> Iterator[Document | None]:
    while True:
        try:
            snapshot = arrivals.get(timeout=POLL_S)
        except Empty:
            if not watch.is_active:
                raise StoreUnavailable("the listener was cut off") from None
            yield None
        else:
            if snapshot.exists:
                yield _document(snapshot)


def _document(snapshot: DocumentSnapshot[Any]) -> Document:
    return Document(_from_firestore(snapshot.to_dict() or {}), _version(snapshot.update_time))


def _version(at: datetime) -> Version:
    return str((at - EPOCH) // MICROSECOND)


def _time(version: Version) -> datetime:
    return EPOCH + int(version) * MICROSECOND


def _to_firestore(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """The value as Firestore takes it; a time without a zone, which it would take as UTC, fails."""
    match value:
        case datetime(tzinfo=None):
            raise ValueError(f"{value} has no time zone")
        case Mapping():
            return {name: _to_firestore(part) for name, part in value.items()}
        case list() | tuple():
            return [_to_firestore(part) for part in value]
        case _:
            return value


def _from_firestore(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """The value with plain times in place of the library's own."""
    match value:
        case datetime():
            return EPOCH + (value - EPOCH)
        case dict():
            return {name: _from_firestore(part) for name, part in value.items()}
        case list():
            return [_from_firestore(part) for part in value]
        case _:
            return value
