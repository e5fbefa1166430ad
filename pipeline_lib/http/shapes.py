"""The base of every body that is taken or given, and shapes that several share; no endpoint's."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A body as JSON; names are the documented ones, whatever their case."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Sparse(Shape):
    """A body that leaves out what does not apply, as its documents do."""


class Taken(BaseModel):
    """A body or a query that is taken; a body with a field that it does not have is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_max_length=1_000)


class Asked(BaseModel):
    """A query; parameters that a platform adds on its own do not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)


class Nothing(Asked):
    """Nothing is asked."""


class FieldProblem(Shape):
    """Which field can not be taken, and why."""

    where: str
    problem: str


class ProblemShape(Shape):
    """What every answer says that is no success."""

    code: str = Field(examples=["NOT_FOUND"])
    message: str
    request_id: str
    detail: Any = None
    fields: list[FieldProblem] | None = None


Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str | None, Field(max_length=300)]
