"""One HTTP request and its response, without retries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pipeline_lib.errors import PipelineError

WAIT_S = 60.0  # for an instance that has to start first


class Unreachable(PipelineError):
    """No server answers at an address."""

    code = "UNREACHABLE"


@dataclass(frozen=True)
class Response:
    """The response of a server."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object in the body; empty where there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def send_request(
    method: str, url: str, *, body: bytes | BinaryIO | None, headers: Mapping[str, str]
) -> Response:
    """Send a request; ``headers`` must give the length of a streamed body.

    Raises:
        Unreachable: no server answers.
    """
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=WAIT_S)
    path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return Response(response.status, response.read())
    except (OSError, HTTPException) as error:
        raise Unreachable(
            f"{address.scheme}://{address.netloc} does not answer: {error}"
        ) from error
    finally:
        connection.close()
