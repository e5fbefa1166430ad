"""The landing bucket, and beside it the one S3-compatible bucket that an upload may name."""

from dataclasses import dataclass, replace
from functools import cache
from typing import BinaryIO

from pipeline_lib.errors import BadExport, BadSettings
from pipeline_lib.ports import Blobs, Ports
from pipeline_lib.records.uploads import S3
from pipeline_lib.runtime.settings import S3_BUCKET, S3Bucket, process_settings


@dataclass(frozen=True)
class LandingWithS3:
    """The landing bucket, and by the name ``s3://bucket/key`` also the one in S3."""

    landing: Blobs
    s3: S3Bucket | None

    def open(self, name: str) -> BinaryIO | None:
        if not name.startswith(S3):
            return self.landing.open(name)
        bucket, _, key = name.removeprefix(S3).partition("/")
        if self.s3 is None or bucket != self.s3.bucket:  # not any that our keys can read
            raise BadExport(
                name, f"files are not taken from that bucket; {S3_BUCKET} names the one"
            )
        return _blobs(self.s3).open(key)

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        return self.landing.write_once(name, data)

    def names(self, prefix: str) -> list[str]:
        return self.landing.names(prefix)

    def delete(self, names: list[str]) -> None:
        self.landing.delete(names)


def with_s3(ports: Ports) -> Ports:
    """The ports, whose landing bucket reaches to what the environment allows in S3."""
    return replace(ports, landing=LandingWithS3(ports.landing, process_settings().s3))


@cache
def _blobs(s3: S3Bucket) -> Blobs:
    try:
        import boto3  # noqa: PLC0415 - half a second, and most uploads need none of it
    except ModuleNotFoundError as error:
        raise BadSettings(
            f"{S3_BUCKET} is set, but boto3 is not installed: add the extra s3"
        ) from error

    from pipeline_lib.adapters.s3.blobs import S3Blobs  # noqa: PLC0415

    client = boto3.client("s3", endpoint_url=s3.endpoint, region_name=s3.region)
    return S3Blobs(client, s3.bucket)
