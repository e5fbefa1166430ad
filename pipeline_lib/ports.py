"""What the phases and the runtime ask of the world, as protocols; no implementation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol, TypeAlias

from pipeline_lib.messages import Message

Data: TypeAlias = Mapping[str, Any]  # what JSON can say, and aware datetimes
Version: TypeAlias = str


class Blobs(Protocol):
    """Bytes by name, never written over. Names are relative, ``/``-separated, never empty.

    Every method raises StoreUnavailable when the store does not answer.
    """

    def open(self, name: str) -> BinaryIO | None:
        """The bytes stored under ``name`` as a stream, or None when there are none."""
        ...

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        """Store ``data`` whole unless ``name`` is taken; True when this call stored it."""
        ...

    def names(self, prefix: str) -> list[str]:
        """The names that begin with ``prefix``, sorted."""
        ...

    def delete(self, names: list[str]) -> None:
        """Remove the bytes in the names' order, so that each name is free again.

        Names without bytes do not matter. Who reads such bytes just then may find them cut off.
        """
        ...


@dataclass(frozen=True)
class Document:
    """A document as it was read: its fields, and the version to compare with."""

    data: Data
    version: Version


@dataclass(frozen=True)
class Change:
    """What a document becomes if it still has the version ``since`` (None: if there is none)."""

    path: str
    data: Data
    since: Version | None


@dataclass(frozen=True)
class Order:
    """By which field documents come, those of one value by path in the same direction.

    The field holds numbers, texts or times, or null, which is the least; a document without it
    does not come. ``after`` is the value, not null, and the path of the one before the first.
    """

    field: str
    down: bool = False
    after: tuple[Any, str] | None = None


class Documents(Protocol):
    """Documents by path (``collection/id``), whose timestamps are aware and in UTC.

    Every method raises StoreUnavailable when the store does not answer.
    """

    def read(self, path: str) -> Document | None:
        """The newest version of the document, or None when there is none."""
        ...

    def read_all(self, paths: Sequence[str]) -> list[Document | None]:
        """The newest versions of several documents, in the paths' order, in one round trip."""
        ...

    def swap(self, path: str, data: Data, *, since: Version | None) -> Version | None:
        """Replace the version ``since`` (None: only where there is no document).

        Returns the new version, or None when another write came first: nothing is written.
        """
        ...

    def swap_all(self, changes: Sequence[Change]) -> list[Version] | None:
        """Replace several documents at once, each as ``swap`` does: all of them or none.

        Returns the new versions in the changes' order, or None when another write came first.
        """
        ...

    def find(
        self, collection: str, where: Data, *, order: Order | None = None, most: int | None = None
    ) -> list[tuple[str, Document]]:
        """Path and document of those in ``collection`` whose fields equal ``where``.

        Without an order they come by path; ``most`` are the first so many, and no more is read.
        """
        ...

    def count(self, collection: str, where: Data) -> int:
        """How many there are in ``collection`` whose fields equal ``where``; none is read."""
        ...

    def put(self, documents: Mapping[str, Data]) -> None:
        """Write all of ``documents`` (path to fields) over whatever is there."""
        ...

    def delete(self, paths: list[str]) -> None:
        """Remove the documents; those that are not there do not matter."""
        ...

    def forget(self) -> None:
        """Leave nothing behind of what was deleted or written over before now.

        A store that keeps former versions for a fixed time keeps them as long, and no longer.
        """
        ...

    def watch(self, path: str) -> Iterator[Document | None]:
        """Every version of the document from now on, in order, the present one first.

        Written faster than a store tells of it, versions in between may be left out; the newest
        always comes, and none after a newer one.

        Yields None about ten times a second while nothing new comes, so that a reader can leave.
        """
        ...


class Topics(Protocol):
    """Where messages are left for others, at least once and in any order."""

    def publish(self, topic: str, message: Message) -> None:
        """Leave the message; returns when the broker has it.

        Raises:
            StoreUnavailable: the broker did not answer.
        """
        ...


class Secrets(Protocol):
    """What must be known to few, by name."""

    def read(self, name: str) -> bytes:
        """The secret; the same at every call.

        Raises:
            StoreUnavailable: nobody has it ready.
        """
        ...


@dataclass(frozen=True)
class SignedPut:
    """Where and until when a client may PUT one file, and the headers that it must send."""

    url: str
    headers: Mapping[str, str]
    expires_at: datetime


class Uploads(Protocol):
    """Addresses to which a client may send a file without an account."""

    def signed_put(
        self, name: str, *, content_type: str, most_bytes: int, now: datetime, valid: timedelta
    ) -> SignedPut:
        """The address of ``name``: for that type, no more bytes, and no longer than ``valid``.

        Raises:
            StoreUnavailable: who signs did not answer.
        """
        ...


class Identities(Protocol):
    """Who signed an OpenID Connect token."""

    def email(self, token: str, *, audience: str) -> str | None:
        """The account that the token was made for; None unless it is valid, and for ``audience``.

        Raises:
            StoreUnavailable: who knows the signers' keys did not answer.
        """
        ...


class Heartbeat(Protocol):
    """How a phase says that it is alive, and learns that it should stop."""

    def __call__(self, message: str, *, share: float = 0.0, **counts: int) -> None:
        """Tell what is being done, the share of the phase that is done, and counts so far.

        Raises:
            Stopped: the run was cancelled, or another worker has taken over.
        """
        ...


@dataclass(frozen=True)
class Limits:
    """What an operator allows each run: a silence, and a preview of so many products and pairs.

    A run that is silent for longer than ``silence`` counts as stuck.
    """

    silence: timedelta = timedelta(minutes=10)
    preview: bool = True
    preview_products: int = 50
    preview_bundles: int = 10


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class Ports:
    """The whole of the world: where files land, where results are kept, state and messages.

    ``limits`` is what an operator allows its runs.
    """

    landing: Blobs
    artefacts: Blobs
    documents: Documents
    topics: Topics
    secrets: Secrets
    limits: Limits = USUAL_LIMITS
