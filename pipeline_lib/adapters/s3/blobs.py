"""Blobs as objects of an S3-compatible bucket, each created once; not what they hold."""

from collections.abc import Callable
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from pipeline_lib.adapters.names import parts_of
from pipeline_lib.adapters.remote import stream_of
from pipeline_lib.adapters.s3.errors import status_of, translated

NOT_FOUND, PRECONDITION_FAILED = 404, 412


class S3Blobs:
    """Each blob is an object of ``bucket``; ``client`` is boto3's, which carries no types."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401
        self._client = client
        self._bucket = bucket

    def open(self, name: str) -> BinaryIO | None:
        where = self._where(name)
        with translated():
            try:
                found = self._client.head_object(**where)
            except ClientError as error:
                if status_of(error) == NOT_FOUND:
                    return None
                raise
        return stream_of(found["ContentLength"], self._reader({**where, "IfMatch": found["ETag"]}))

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        where = self._where(name)
        with translated():
            try:
                self._client.put_object(**where, Body=data, IfNoneMatch="*")
            except ClientError as error:
                if status_of(error) == PRECONDITION_FAILED:
                    return False
                raise
        return True

    def names(self, prefix: str) -> list[str]:
        with translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            return sorted(found["Key"] for page in pages for found in page.get("Contents", []))

    def delete(self, names: list[str]) -> None:
        for name in names:
            with translated():
                self._client.delete_object(**self._where(name))

    def _where(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": "/".join(parts_of(name))}

    def _reader(self, which: dict[str, str]) -> Callable[[int, int], bytes]:
        """Reads of that version only: what is written over in the middle of a read fails it."""

        def fetch(begin: int, end: int) -> bytes:
            with translated():
                found = self._client.get_object(**which, Range=f"bytes={begin}-{end - 1}")
                data: bytes = found["Body"].read()
                return data

        return fetch
