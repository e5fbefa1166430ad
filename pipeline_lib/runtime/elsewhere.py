"""Files in a shop's own S3-compatible bucket; wiring that only the first function ships."""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import BinaryIO

from pipeline_lib.errors import BadExport
from pipeline_lib.ports import Blobs, Ports
from pipeline_lib.records.uploads import ELSEWHERE
from pipeline_lib.runtime import wiring


@dataclass(frozen=True)
class Reaching:
    """The landing bucket, and by the name ``s3://bucket/key`` also the one bucket elsewhere."""

    landing: Blobs
    other: wiring.S3 | None

    def open(self, name: str) -> BinaryIO | None:
        if not name.startswith(ELSEWHERE):
            return self.landing.open(name)
        bucket, _, key = name.removeprefix(ELSEWHERE).partition("/")
        if self.other is None or bucket != self.other.bucket:  # not any that our keys can read
            raise BadExport(name, "files are not taken from that bucket")
        return _blobs(self.other).open(key)

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        return self.landing.write_once(name, data)

    def names(self, prefix: str) -> list[str]:
        return self.landing.names(prefix)

    def delete(self, names: list[str]) -> None:
        self.landing.delete(names)


def reaching(ports: Ports) -> Ports:
    """The ports, whose landing bucket reaches to what the environment allows elsewhere."""
    return replace(ports, landing=Reaching(ports.landing, wiring.s3_of(os.environ)))


def ports() -> Ports:
    """The ports of the first function."""
    return reaching(wiring.ports())


@cache
def _blobs(other: wiring.S3) -> Blobs:
    import boto3  # noqa: PLC0415 - half a second, and most uploads need none of it

    from pipeline_lib.adapters.s3.blobs import S3Blobs  # noqa: PLC0415

    client = boto3.client("s3", endpoint_url=other.endpoint, region_name=other.region)
    return S3Blobs(client, other.bucket)
