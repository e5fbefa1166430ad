"""Columns as attributes: what the handles of frames are declared with; holds no frame."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

import polars as pl
from polars.datatypes import DataTypeClass

from pipeline_lib.errors import BadArtefact

T_co = TypeVar("T_co", covariant=True)


class Column(Generic[T_co]):
    """A column, asked of a handle (``Orders.customer``); its value, asked of a row of it."""

    nullable: ClassVar[bool] = False
    name: str

    def __init__(self, dtype: pl.DataType | DataTypeClass) -> None:
        self.dtype = dtype

    @property
    def expr(self) -> pl.Expr:
        """The column in an expression."""
        return pl.col(self.name)

    def __set_name__(self, handle: type["Row"], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, handle: type["Row"]) -> Self: ...
    @overload
    def __get__(self, row: "Row", handle: type["Row"]) -> T_co: ...
    def __get__(self, row: "Row | None", handle: type["Row"]) -> Self | T_co:
        return self if row is None else self.value(row.stored[self.name])

    def value(self, stored: Any) -> T_co:  # noqa: ANN401 - what polars gives for the column's type
        """The value as a row shows it."""
        shown: T_co = stored
        return shown


class Nullable(Column[T_co | None], Generic[T_co]):
    """A column that may hold nulls."""

    nullable = True


class Row:
    """Columns in their order, and one row of them: those of the bases come first.

    Made with what polars gives for a row by name, which it does not copy.
    """

    columns: ClassVar[Mapping[str, Column[Any]]] = {}
    schema: ClassVar[pl.Schema]

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.stored = stored

    def __init_subclass__(cls) -> None:
        columns = {
            name: column
            for base in cls.__bases__
            if issubclass(base, Row)
            for name, column in base.columns.items()
        }
        own = {name: column for name, column in vars(cls).items() if isinstance(column, Column)}
        cls.columns = columns | own
        cls.schema = pl.Schema({name: column.dtype for name, column in cls.columns.items()})

    @classmethod
    def rows(cls, frame: pl.DataFrame) -> Iterator[Self]:
        """The frame's rows; those that lack a column lack its attribute."""
        return map(cls, frame.iter_rows(named=True))

    @classmethod
    def empty(cls) -> pl.DataFrame:
        """A frame of these columns without a row."""
        return pl.DataFrame(schema=cls.schema)


R = TypeVar("R", bound=Row)


class Struct(Column[R]):
    """A column whose every value has fields, themselves declared as columns."""

    def __init__(self, fields: type[R]) -> None:
        super().__init__(pl.Struct(fields.schema))
        self.fields = fields

    def value(self, stored: Any) -> R:  # noqa: ANN401 - as above
        """The value with its fields as attributes."""
        return self.fields(stored)


class NullableStruct(Column[R | None], Generic[R]):
    """The same where a value may be null."""

    nullable = True

    def __init__(self, fields: type[R]) -> None:
        super().__init__(pl.Struct(fields.schema))
        self.fields = fields

    def value(self, stored: Any) -> R | None:  # noqa: ANN401 - as above
        """The value with its fields as attributes, or null."""
        return None if stored is None else self.fields(stored)


class Structs(Column[tuple[R, ...]]):
    """A column whose every value is a list of such."""

    def __init__(self, fields: type[R]) -> None:
        super().__init__(pl.List(pl.Struct(fields.schema)))
        self.fields = fields

    def value(self, stored: Any) -> tuple[R, ...]:  # noqa: ANN401 - as above
        """The values with their fields as attributes."""
        return tuple(map(self.fields, stored))


class Frame(Row):
    """A frame that a phase keeps for others: ``artefact`` is its name, ``kept_by`` the phase.

    One ``in_parts`` is kept piece by piece, in order.
    """

    artefact: ClassVar[str]
    kept_by: ClassVar[str]
    in_parts: ClassVar[bool]

    def __init_subclass__(cls, *, artefact: str, kept_by: str, in_parts: bool = False) -> None:
        super().__init_subclass__()
        cls.artefact, cls.kept_by, cls.in_parts = artefact, kept_by, in_parts

    @classmethod
    def check(cls, frame: pl.DataFrame, columns: Sequence[Column[Any]] | None = None) -> None:
        """Refuse a frame that is not what the handle says, or not these columns of it.

        Nulls within a list or a struct are not looked for; NaN within a struct is.

        Raises:
            BadArtefact: a column is missing, another's, of another type or in another place, or
                holds a null or NaN that it may not.
        """
        wanted = list(cls.columns.values() if columns is None else columns)
        problem = _misfit(frame.schema, wanted) or _hole(frame, wanted)
        if problem:
            raise BadArtefact(cls.artefact, problem)


def _misfit(schema: pl.Schema, wanted: Sequence[Column[Any]]) -> str | None:
    """The first thing by which the columns are others than those wanted."""
    names = [column.name for column in wanted]
    for column in wanted:
        if column.name not in schema:
            return f"column {column.name} is missing"
        if schema[column.name] != column.dtype:
            return f"column {column.name} is {schema[column.name]}, not {column.dtype}"
    if others := [name for name in schema if name not in names]:
        return f"column {others[0]} is none of its columns"
    for found, name in zip(schema, names, strict=True):
        if found != name:
            return f"column {found} stands where {name} should"
    return None


def _hole(frame: pl.DataFrame, wanted: Sequence[Column[Any]]) -> str | None:
    """The first column with a null or NaN that it may not hold."""
    for column in wanted:
        nulls = 0 if column.nullable else frame[column.name].null_count()
        if nulls:
            return f"column {column.name} holds {nulls} null, and may hold none"
    floats = {
        f"{column.name} {place}".rstrip(): value.is_nan().any()
        for column in wanted
        for place, value in _floats(column.expr, column.dtype)
    }
    if floats:
        found = frame.select(**floats).row(0, named=True)
        for place, is_nan in found.items():
            if is_nan:
                return f"column {place} holds NaN"
    return None


def _floats(
    value: pl.Expr, dtype: pl.DataType | DataTypeClass, place: str = ""
) -> Iterator[tuple[str, pl.Expr]]:
    """The column where it is of floats, or its fields that are, with their names."""
    if dtype.is_float():
        yield place, value
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _floats(value.struct.field(field.name), field.dtype, field.name)
