"""Documents in Firestore, with compare-and-set on the update time; no schema of their fields."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore_v1 import Client, FieldFilter, Query, Watch
from google.cloud.firestore_v1.aggregation import AggregationQuery
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from pipeline_lib.adapters.google.errors import translated
from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.ports import Data, Document, Order, Version

QUIET_S = 0.1  # how long a watch waits before it says that nothing new has come
PATH = "__name__"
AT_ONCE = 500  # writes of one commit
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)  # what an update time is exact to

Snapshots = SimpleQueue[DocumentSnapshot[Any]]


class FirestoreDocuments:
    """Documents of ``client``'s database; a version is the update time in microseconds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, path: str) -> Document | None:
        with translated():
            found = self._client.document(path).get()
        return _document(found) if found.exists else None

    def swap(self, path: str, data: Data, *, since: Version | None) -> Version | None:
        reference, fields = self._client.document(path), _stored(data)
        batch = self._client.batch()
        with translated():
            try:
                if since is None:
                    batch.create(reference, fields)
                else:
                    batch.set(reference, fields)
                    unchanged = self._client.write_option(last_update_time=_time(since))
                    # The service takes the precondition with a set, the library's set does not.
                    unchanged.modify_write(batch._write_pbs[0])  # noqa: SLF001
                return _version(batch.commit()[0].update_time)
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
            query = query.start_after([_stored(value), self._client.document(path)])
        if most is not None:
            query = query.limit(most)
        with translated():
            return [(snapshot.reference.path, _document(snapshot)) for snapshot in query.stream()]

    def count(self, collection: str, where: Data) -> int:
        with translated():
            counted: Any = AggregationQuery(self._matching(collection, where)).count().get()
        return int(counted[0][0].value)

    def _matching(self, collection: str, where: Data) -> Query:
        query = Query(self._client.collection(collection))
        for field, value in where.items():
            query = query.where(filter=FieldFilter(field, "==", value))
        return query

    def put(self, documents: Mapping[str, Data]) -> None:
        waiting = iter(documents.items())
        while some := list(islice(waiting, AT_ONCE)):
            batch = self._client.batch()
            for path, data in some:
                batch.set(self._client.document(path), _stored(data))
            with translated():
                batch.commit()

    def delete(self, paths: list[str]) -> None:
        for begin in range(0, len(paths), AT_ONCE):
            batch = self._client.batch()
            for path in paths[begin : begin + AT_ONCE]:
                batch.delete(self._client.document(path))
            with translated():
                batch.commit()

    def forget(self) -> None:
        return  # Firestore lets go of former versions when the days of its recovery are over

    def watch(self, path: str) -> Iterator[Document | None]:
        told: Snapshots = SimpleQueue()

        def tell(snapshots: list[DocumentSnapshot[Any]], *_: object) -> None:
            for snapshot in snapshots:
                told.put(snapshot)

        with translated():
            watch = self._client.document(path).on_snapshot(tell)
        try:
            yield from _versions(watch, told)
        finally:
            watch.unsubscribe()  # type: ignore[no-untyped-call]


def _versions(watch: Watch, told: Snapshots) -> Iterator[Document | None]:
    while True:
        try:
            snapshot = told.get(timeout=QUIET_S)
        except Empty:
            if not watch.is_active:
                raise StoreUnavailable("the listener was cut off") from None
            yield None
        else:
            if snapshot.exists:
                yield _document(snapshot)


def _document(snapshot: DocumentSnapshot[Any]) -> Document:
    return Document(_read(snapshot.to_dict() or {}), _version(snapshot.update_time))


def _version(at: datetime) -> Version:
    return str((at - EPOCH) // MICROSECOND)


def _time(version: Version) -> datetime:
    return EPOCH + int(version) * MICROSECOND


def _stored(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """What Firestore takes for the value; it would take a time without zone for one in UTC."""
    match value:
        case datetime(tzinfo=None):
            raise ValueError(f"{value} has no time zone")
        case Mapping():
            return {name: _stored(part) for name, part in value.items()}
        case list() | tuple():
            return [_stored(part) for part in value]
        case _:
            return value


def _read(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """The value with plain times in place of the library's own."""
    match value:
        case datetime():
            return EPOCH + (value - EPOCH)
        case dict():
            return {name: _read(part) for name, part in value.items()}
        case list():
            return [_read(part) for part in value]
        case _:
            return value
