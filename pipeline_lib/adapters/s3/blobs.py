"""Blobs as objects of an S3-compatible bucket, each created once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from pipeline_lib.adapters.blob_names import name_parts
from pipeline_lib.adapters.range_reader import buffered_reader
from pipeline_lib.errors import StoreUnavailable

NOT_FOUND, PRECONDITION_FAILED, SERVER_ERROR = 404, 412, 500
TRANSIENT_CODES = frozenset(
    {"ConditionalRequestConflict", "SlowDown", "Throttling", "RequestTimeout"}
)


class S3Blobs:
    """Each blob is an object of ``bucket``; ``client`` is boto3's, which carries no types."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401
        self._client = client
        self._bucket = bucket

    def open(self, name: str) -> BinaryIO | None:
        where = self._where(name)
        with translate_s3_errors():
            try:
                found = self._client.head_object(**where)
            except ClientError as error:
                if _status(error) == NOT_FOUND:
                    return None
                raise
        return buffered_reader(
            found["ContentLength"], self._reader({**where, "IfMatch": found["ETag"]})
        )

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        where = self._where(name)
        with translate_s3_errors():
            try:
                self._client.put_object(**where, Body=data, IfNoneMatch="*")
            except ClientError as error:
                if _status(error) == PRECONDITION_FAILED:
                    return False
                raise
        return True

    def names(self, prefix: str) -> list[str]:
        with translate_s3_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            return sorted(found["Key"] for page in pages for found in page.get("Contents", []))

    def delete(self, names: list[str]) -> None:
        for name in names:
            with translate_s3_errors():
                self._client.delete_object(**self._where(name))

    def _where(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": "/".join(name_parts(name))}

    def _reader(self, which: dict[str, str]) -> Callable[[int, int], bytes]:
        """Read that version only: an overwrite in the middle of a read makes it fail."""

        def fetch(begin: int, end: int) -> bytes:
            with translate_s3_errors():
                found = self._client.get_object(**which, Range=f"bytes={begin}-{end - 1}")
                data: bytes = found["Body"].read()
                return data

        return fetch


@contextmanager
def translate_s3_errors() -> Iterator[None]:
    """Raise StoreUnavailable for transient errors; let bugs and missing grants through."""
    try:
        yield
    except (HTTPClientError, NoConnection) as error:
        raise StoreUnavailable(str(error)) from error
    except ClientError as error:
        if _status(error) >= SERVER_ERROR or error.response["Error"]["Code"] in TRANSIENT_CODES:
            raise StoreUnavailable(str(error)) from error
        raise


def _status(error: ClientError) -> int:
    """The HTTP status of the response behind the error."""
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
