"""One request over HTTP and its answer; it knows no endpoint and tries nothing again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pipeline_lib.errors import PipelineError

WAIT_S = 60.0  # for an instance that has to start first


class Unreachable(PipelineError):
    """Nobody answers at an address."""

    code = "UNREACHABLE"


@dataclass(frozen=True)
class Answer:
    """What a server answers."""

    status: int
    body: bytes

    def said(self) -> dict[str, Any]:
        """The object that the body holds; empty where it holds none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def sent(
    method: str, url: str, *, body: bytes | BinaryIO | None, headers: Mapping[str, str]
) -> Answer:
    """The answer of ``url``; the length of a stream stands in ``headers``.

    Raises:
        Unreachable: there is none.
    """
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=WAIT_S)
    path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    except (OSError, HTTPException) as error:
        raise Unreachable(
            f"{address.scheme}://{address.netloc} does not answer: {error}"
        ) from error
    finally:
        connection.close()
