"""An endpoint as one row: its path, whom it is open to, its shapes; and what a call and reply are.

The same row routes, validates, is described in the OpenAPI document and is tested.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from pipeline_lib.http.identity import Access, Caller
from pipeline_lib.http.problems import NotFound, Problem
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.world import World
from pipeline_lib.ports import Documents

SMALL = 256 * 1024  # bytes of a body of fields
LARGE = 32 * 1024 * 1024 - 64 * 1024  # Cloud Run takes requests up to 32 MiB
BY_SIGNED_URL = 50 * 1024 * 1024  # requirement 109


@dataclass(frozen=True)
class Sent:
    """A file that came in a form, or a body that is taken as it is."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """A request that was let in.

    ``headers`` has lower-case names; ``sent`` is the file of a form, or a raw body.
    """

    world: World
    caller: Caller
    path: Mapping[str, str]
    headers: Mapping[str, str]
    query: Mapping[str, str]
    sent: Sent | None
    request_id: str
    now: datetime

    @property
    def shop(self) -> str:
        """The shop that calls."""
        return self.caller.name

    @property
    def documents(self) -> Documents:
        """Where state is."""
        return self.world.ports.documents

    def own_shop(self, named: str | None) -> None:
        """A shop may be named besides, and is the caller's.

        Raises:
            NotFound: it is another.
        """
        if named is not None and named != self.shop:
            raise NotFound(code="SHOP_NOT_FOUND")


@dataclass(frozen=True)
class Text:
    """An answer that is no JSON document."""

    content: str
    media_type: str
    file_name: str | None = None
    policy: str | None = None


@dataclass(frozen=True)
class Stream:
    """An answer that comes in pieces, as server-sent events."""

    pieces: Iterator[str]


@dataclass(frozen=True)
class Answered:
    """An answer with another status than the row's."""

    body: BaseModel
    status: int


Reply: TypeAlias = BaseModel | Text | Stream | Answered
Handle: TypeAlias = Callable[[Call, Any], Reply]
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Endpoint:
    """One row.

    ``asks`` is the query of a GET or DELETE and the body of the others: a JSON document, or a
    form with the file ``file``; ``raw`` bodies are not looked at. ``answers`` is a shape, or the
    media type of what is no JSON. ``also`` are further successes; ``refuses`` what may go wrong
    besides what can go wrong everywhere. What ``listens`` takes a listen token in its query too.
    """

    method: Method
    path: str
    does: str
    access: Access
    handle: Handle
    answers: type[BaseModel] | str
    requirements: tuple[int, ...]
    asks: type[BaseModel] = Nothing
    body: Literal["none", "json", "form", "raw"] = "none"
    status: int = 200
    also: tuple[int, ...] = ()
    also_types: tuple[str, ...] = ()
    refuses: tuple[type[Problem], ...] = field(default=())
    most_bytes: int = SMALL
    paused_too: bool = True
    listens: bool = False

    @property
    def writes(self) -> bool:
        """Whether a call may change something."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """The row's name in the OpenAPI document."""
        words = self.path.replace("{", "by ").replace("}", "").replace("-", " ").replace("/", " ")
        return "_".join([self.method.lower(), *words.replace(".", " ").split()])
