"""Blobs as the objects of a Cloud Storage bucket, each created once.

The library sends up to 8 MiB in one request and the rest in a resumable upload. Both carry the
precondition that the name is free; Google's service honours it on both, the fake one only on the
first.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Blob, Bucket

from pipeline_lib.adapters.blob_names import name_parts
from pipeline_lib.adapters.google.errors import translate_google_errors
from pipeline_lib.adapters.range_reader import buffered_reader

ABSENT = 0  # the generation of a name that is free


class BucketBlobs:
    """Each blob is an object of ``bucket``."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def open(self, name: str) -> BinaryIO | None:
        with translate_google_errors():
            blob = self._blob(name)
            try:
                blob.reload()
            except NotFound:
                return None
            return buffered_reader(int(blob.size or 0), _reader(blob))

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        stream = io.BytesIO(data) if isinstance(data, bytes) else data
        with translate_google_errors():
            try:
                self._blob(name).upload_from_file(
                    stream, size=_size(stream), if_generation_match=ABSENT
                )
            except PreconditionFailed:  # another's object, or this one's if an answer was lost
                return False
        return True

    def names(self, prefix: str) -> list[str]:
        with translate_google_errors():
            return sorted(blob.name for blob in self._bucket.list_blobs(prefix=prefix))

    def delete(self, names: list[str]) -> None:
        for name in names:
            with translate_google_errors(), suppress(NotFound):
                self._blob(name).delete()  # of whichever generation is live

    def _blob(self, name: str) -> Blob:
        return self._bucket.blob("/".join(name_parts(name)))


def _reader(blob: Blob) -> Callable[[int, int], bytes]:
    """Read that generation only: an overwrite in the middle of a read makes it fail."""
    generation = blob.generation

    def fetch(begin: int, end: int) -> bytes:
        with translate_google_errors():
            data: bytes = blob.download_as_bytes(
                start=begin, end=end - 1, raw_download=True, if_generation_match=generation
            )
            return data

    return fetch


def _size(stream: BinaryIO) -> int:
    """The bytes from where the stream stands to its end."""
    here = stream.tell()
    end = stream.seek(0, io.SEEK_END)
    stream.seek(here)
    return end - here
