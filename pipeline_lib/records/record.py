"""What every stored document is: a frozen typed model with its collection, key and life."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from pipeline_lib.ports import Data


class Part(BaseModel):
    """A part of a record. Fields are named as they are stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - mypy's plugin names the fields
        """The same with other values in some fields."""
        unknown = changes.keys() - type(self).model_fields.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        return self.model_copy(update=changes)


class Record(Part):
    """A stored document.

    ``collection`` is where it lies, ``kept_for`` how long after it was written last (None: until
    somebody removes it). A subclass says its ``key``, which is unique in the collection.
    """

    collection: ClassVar[str]
    kept_for: ClassVar[timedelta | None] = None

    @property
    def key(self) -> str:
        """The document's name in its collection."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """Where the document is."""
        return f"{self.collection}/{self.key}"

    @property
    def dead_at(self) -> datetime | None:
        """From when on readers act as if it were not there; None where it does not expire."""
        return getattr(self, "expires_at", None)

    def fields(self) -> dict[str, Any]:
        """What is stored of it."""
        return self.model_dump(by_alias=True)

    @classmethod
    def of(cls, data: Data) -> Self:
        """The record that was stored as ``data``; what a newer version added is not seen."""
        return cls.model_validate(data, extra="ignore")
