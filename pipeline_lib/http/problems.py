"""What an answer says that is no success (RFC 9457), and the status of every error."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline_lib.errors import (
    NothingToRedrive,
    PipelineError,
    ShopBusy,
    StoreUnavailable,
    SwitchedOff,
)
from pipeline_lib.http.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    PathNotFound,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthorised,
    Unavailable,
    UnsupportedType,
)
from pipeline_lib.http.shapes import Answer, SparseAnswer

STATUS: dict[type[PipelineError], int] = {  # of a class and of all below it
    Malformed: 400,
    Unauthorised: 401,
    Forbidden: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    ShopBusy: 409,
    NothingToRedrive: 409,
    TooLarge: 413,
    UnsupportedType: 415,
    Invalid: 422,
    RateLimited: 429,
    PipelineError: 500,
    Unavailable: 503,
    SwitchedOff: 503,
    StoreUnavailable: 503,
}
FOR_PEOPLE = (Refusal, ShopBusy, SwitchedOff, NothingToRedrive)  # whose texts are told
AGAIN_S = 5  # when to try again where nothing better is known
PROBLEM_JSON = "application/problem+json"
FAILED = "Something went wrong on our side; please try again"

FOREIGN: dict[int, type[Refusal]] = {
    400: Malformed,
    404: PathNotFound,
    405: MethodNotAllowed,
    413: TooLarge,
}


class FieldProblem(Answer):
    """Which field cannot be taken, and why."""

    where: str
    problem: str


class ProblemDetails(SparseAnswer):
    """What every answer says that is no success."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:bundlechain:problem:SHOP_BUSY",
                    "title": "Another upload of the shop is being worked on",
                    "status": 409,
                    "detail": "Another upload of the shop is being worked on; it comes after it",
                    "code": "SHOP_BUSY",
                    "message": "Another upload of the shop is being worked on; it comes after it",
                    "request_id": "0b6f9a54c1f34b6c9d6f1c8f2a7f3d10",
                }
            ]
        }
    )

    type: str = Field(description="Names the kind of problem; ends with its code.")
    title: str = Field(description="The kind of problem in words, the same each time.")
    status: int
    detail: Any = Field(description="What is wrong this time, or the documented object.")
    code: str = Field(description="What a program decides by.")
    message: str = Field(description="What is wrong this time, in words for people.")
    request_id: str
    fields: list[FieldProblem] | None = None


class Failed(Refusal):
    """A fault of ours."""

    code, sentence = "INTERNAL", FAILED


def status_of(kind: type[PipelineError]) -> int:
    """The HTTP status of an error, by its nearest class in the table."""
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


STATUS[Failed] = 500


def refusal_of(error: Exception) -> PipelineError:
    """What a caller is told of an error: the text of one that is not ours is never told."""
    match error:
        case RequestValidationError():
            return _validation_refusal(error.errors())
        case HTTPException():
            cause = error.__cause__
            if isinstance(cause, Refusal):
                return cause
            return FOREIGN.get(error.status_code, Malformed)()
        case PipelineError() if isinstance(error, FOR_PEOPLE):
            return error
        case StoreUnavailable():
            return Unavailable()
        case _:
            return Failed()


def problem_response(error: PipelineError, request_id: str) -> Response:
    """The answer that tells of the error."""
    kind, status = type(error), status_of(type(error))
    text = str(error)
    detail = getattr(error, "detail", None)
    told: dict[str, Any] = {
        "type": f"urn:bundlechain:problem:{kind.code}",
        "title": title_of(kind),
        "status": status,
        "detail": text if detail is None else detail,
        "code": kind.code,
        "message": text,
        "request_id": request_id,
    }
    if fields := getattr(error, "fields", ()):
        told["fields"] = [dict(field) for field in fields]
    headers = dict(getattr(error, "headers", {}))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(AGAIN_S))
    return Response(json.dumps(told), status, headers, media_type=PROBLEM_JSON)


def title_of(kind: type[PipelineError]) -> str:
    """The kind of problem in words: the first sentence of its class."""
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0].split(":")[0].removesuffix(".")


def refusals(*kinds: type[PipelineError]) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation that may be refused for these reasons, as OpenAPI has them."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in sorted(set(kinds), key=lambda one: (status_of(one), one.code)):
        line = f"`{kind.code}`: {title_of(kind)}"
        answer = found.setdefault(
            status_of(kind), {"description": "", "content": {PROBLEM_JSON: {"schema": REFERENCE}}}
        )
        answer["description"] = "\n\n".join(filter(None, [answer["description"], line]))
    return found


REFERENCE: dict[Literal["$ref"], str] = {"$ref": "#/components/schemas/ProblemDetails"}


def _validation_refusal(found: Sequence[Any]) -> Refusal:
    if any(one["loc"][0] == "path" for one in found):
        return NotFound()  # a name that no document can have
    if found[0]["type"] == "json_invalid":
        return Malformed("The body is not a JSON document")
    fields = [
        {"where": ".".join(map(str, one["loc"][1:])), "problem": _sentence(one["msg"])}
        for one in found
    ]
    first = fields[0]
    return Invalid(f"{first['where'] or 'The body'}: {first['problem']}", fields=fields)


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
