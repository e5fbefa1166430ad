"""The base of every body that is taken or given, and the fields that several share."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

SMALL = 256 * 1024  # bytes of a body of fields
LARGE = 32 * 1024 * 1024 - 64 * 1024  # Cloud Run takes requests up to 32 MiB
BY_SIGNED_URL = 50 * 1024 * 1024


class Answer(BaseModel):
    """A body as JSON; names are the documented ones, whatever their case."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class SparseAnswer(Answer):
    """A body that leaves out what does not apply, as its documents do."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class Body(BaseModel):
    """A body that is taken: a field that it does not have, or of another type, is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_max_length=1_000)

    most_bytes: ClassVar[int] = SMALL


class QueryModel(BaseModel):
    """A query; parameters that a platform adds on its own do not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)


def example(value: Any) -> ConfigDict:  # noqa: ANN401 - what JSON can say
    """The configuration of a model whose schema shows an example."""
    return ConfigDict(json_schema_extra={"examples": [value]})


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise ValueError("Invalid UUID format") from error


NAME = r"^[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,199}$"

UploadId = Annotated[
    str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})
]
Name = Annotated[str, Field(pattern=NAME)]
PathName = Annotated[str, Path(pattern=NAME)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=300, pattern=r"^[A-Za-z0-9_-]+={0,2}$")]


class ShopQuery(QueryModel):
    """The caller's own shop may be named besides."""

    shopId: str | None = None


class PageQuery(ShopQuery):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor | None = None
