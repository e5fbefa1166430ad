"""What an answer that is no success says: a code, a safe sentence; never an exception's text."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pipeline_lib.errors import PipelineError

# Problem
# ├── Malformed      400  the body is not what its content type says
# ├── Unauthorised   401  who calls is not known
# ├── Forbidden      403  an operator's role is too low
# ├── NotFound       404  there is no such thing, or it is another shop's
# ├── NotAllowed     405  there is such a path, and not for that method
# ├── Conflict       409  it can not be done as things are
# ├── TooLarge       413  the body is larger than may be
# ├── Unsupported    415  the body has a type that is not taken here
# ├── Invalid        422  a field is missing or has no possible value
# ├── TooMany        429  the shop asked too often
# ├── Failed         500  a fault of ours
# └── Unavailable    503  paused by an operator, or a store does not answer


class Problem(PipelineError):
    """Base of all the above: answered as ``{code, message, request_id}``."""

    status: ClassVar[int] = 500
    code = "INTERNAL"
    said: ClassVar[str] = "Something went wrong on our side; please try again"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        detail: object = None,
        fields: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.said)
        self.named = code or self.code
        self.detail = detail
        self.fields = fields
        self.headers = dict(headers or {})

    def told(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        told: dict[str, Any] = {
            "code": self.named,
            "message": str(self),
            "request_id": request_id,
        }
        if self.detail is not None:
            told["detail"] = self.detail
        if self.fields:
            told["fields"] = [dict(field) for field in self.fields]
        return told


class Malformed(Problem):
    """The body is not what its content type says."""

    status, code, said = 400, "MALFORMED", "The body can not be read"


class Unauthorised(Problem):
    """Who calls is not known."""

    status, code, said = 401, "UNAUTHORISED", "Send a valid token: Authorization: Bearer …"

    def __init__(self, message: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """An operator's role is too low."""

    status, code, said = 403, "FORBIDDEN", "Your key's role does not allow this"


class NotFound(Problem):
    """There is no such thing, or it is another shop's, which is not told."""

    status, code, said = 404, "NOT_FOUND", "There is no such thing"


class NotAllowed(Problem):
    """There is such a path, and not for that method."""

    status, code, said = 405, "METHOD_NOT_ALLOWED", "That method is not for this path"


class Conflict(Problem):
    """It can not be done as things are."""

    status, code, said = 409, "CONFLICT", "That can not be done as things are"


class TooLarge(Problem):
    """The body is larger than may be."""

    status, code, said = 413, "TOO_LARGE", "The body is too large; send files to a signed URL"


class Unsupported(Problem):
    """The body has a type that is not taken here."""

    status, code, said = 415, "UNSUPPORTED_TYPE", "Send a body of another content type"


class Invalid(Problem):
    """A field is missing or has no possible value."""

    status, code, said = 422, "INVALID", "A field is missing or can not be taken as it is"


class TooMany(Problem):
    """The shop asked too often."""

    status, code, said = 429, "RATE_LIMITED", "Too many requests; please wait a moment"

    def __init__(self, *, wait_s: int) -> None:
        super().__init__(headers={"Retry-After": str(wait_s)})


class Failed(Problem):
    """A fault of ours."""


class Unavailable(Problem):
    """Paused by an operator, or a store does not answer."""

    status, code, said = 503, "UNAVAILABLE", "The service is not available; please try again soon"

    def __init__(
        self, message: str | None = None, *, code: str | None = None, wait_s: int = 5
    ) -> None:
        super().__init__(message, code=code, headers={"Retry-After": str(wait_s)})


ALL: tuple[type[Problem], ...] = (
    Malformed,
    Unauthorised,
    Forbidden,
    NotFound,
    NotAllowed,
    Conflict,
    TooLarge,
    Unsupported,
    Invalid,
    TooMany,
    Failed,
    Unavailable,
)
