"""A stored object as a stream that fetches only the byte ranges that are read."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_BYTES = 8 << 20  # one request each; an orders export is read in a few dozen


class RangeReader(io.RawIOBase):
    """The object's ``size`` bytes; ``fetch(begin, end)`` gives those before ``end``."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._fetch = fetch
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self._take(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._take(self._size)

    def _take(self, size: int) -> bytes:
        end = min(self._at + size, self._size)
        data = self._fetch(self._at, end) if self._at < end else b""
        self._at += len(data)
        return data


def buffered_reader(size: int, fetch: Callable[[int, int], bytes]) -> BinaryIO:
    """The object as a buffered, seekable stream."""
    return cast("BinaryIO", io.BufferedReader(RangeReader(size, fetch), BLOCK_BYTES))
