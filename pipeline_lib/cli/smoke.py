"""`bundles smoke`: a small sample shop sent through a running system, as its app would."""

import argparse
import json
from collections.abc import Mapping
from time import monotonic, sleep, time
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel

from dev import sample
from pipeline_lib.cli import web_request
from pipeline_lib.errors import BadSettings, PipelineError
from pipeline_lib.http.recommendations import RecommendationPage
from pipeline_lib.http.sessions import UploadSession
from pipeline_lib.http.uploads import GenerationStatus
from pipeline_lib.runtime.settings import CLIENT_ID, CLIENT_SECRET, process_environ
from pipeline_lib.signing import tokens

EPILOG = f"""\
examples:
  bundles smoke --url http://127.0.0.1:8080 --token TOKEN  (of `bundles serve`)
  bundles smoke --url https://bundles.example.com             (a deployed one)

Without --token it makes session tokens as Shopify does, from the variables
{CLIENT_ID} and {CLIENT_SECRET}.

exit codes: 0 bundles came back, 3 they did not (one sentence says why)
"""
SHOP = "bundlechain-smoke.myshopify.com"
LINES = 1_250
LOOK_S = 1.0
TOKEN_S = 60  # as Shopify's
OK, CREATED = 200, 201


A = TypeVar("A", bound=BaseModel)


class SmokeFailed(PipelineError):
    """The system did not return bundles."""

    code = "SMOKE_FAILED"


def options(command: argparse.ArgumentParser) -> None:
    """Declare where the system is, and the shop that asks."""
    command.add_argument("--url", required=True, metavar="URL", help="where the interface is")
    command.add_argument("--token", metavar="TOKEN", help="a shop's token, valid for the whole run")
    command.add_argument(
        "--shop", default=SHOP, metavar="NAME", help=f"the shop without --token ({SHOP})"
    )
    command.add_argument(
        "--within",
        type=float,
        default=300.0,
        metavar="S",
        help="seconds that the run may take (%(default)g)",
    )


def execute(arguments: argparse.Namespace) -> None:
    """Send the shop's orders and wait for its bundles.

    Raises:
        SmokeFailed: they do not come in time.
        Unreachable: no server answers.
        BadSettings: there is no token, and no id and secret to make one.
    """
    app = ShopApp(arguments.url.rstrip("/"), arguments.token, arguments.shop, process_environ())
    begun = monotonic()
    upload_id = upload_orders(app, sample.first_orders(sample.files()["orders"], lines=LINES))
    wait_until_complete(app, upload_id, until=begun + arguments.within)
    count = count_bundles(app, upload_id)
    print(f"{count} bundles of upload {upload_id} after {monotonic() - begun:.0f} s")


class ShopApp:
    """The shop's app: it calls the interface at ``url``, each time with a valid token."""

    def __init__(self, url: str, token: str | None, shop: str, environ: Mapping[str, str]) -> None:
        self._url, self._token, self._shop, self._environ = url, token, shop, environ

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        answer: type[A],
        status: int = OK,
    ) -> A:
        """Make a request; returns the response as what the interface says it is.

        Raises:
            SmokeFailed: the status is another than ``status``.
        """
        headers = {"Authorization": f"Bearer {self._token or self._session_token()}"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        response = web_request.send_request(
            method, f"{self._url}{path}", body=data, headers=headers
        )
        if response.status != status:
            reason = response.json().get("message", "no reason")
            raise SmokeFailed(f"{method} {path} answered {response.status}: {reason}")
        return answer.model_validate_json(response.body)

    def _session_token(self) -> str:
        missing = [name for name in (CLIENT_ID, CLIENT_SECRET) if not self._environ.get(name)]
        if missing:
            raise BadSettings(f"pass --token, or set {' and '.join(missing)} to make tokens with")
        now = time()
        claims = {
            "iss": f"https://{self._shop}/admin",
            "dest": f"https://{self._shop}",
            "aud": self._environ[CLIENT_ID],
            "sub": "smoke",
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_S,
            "jti": uuid4().hex,
        }
        return tokens.encode_token(claims, self._environ[CLIENT_SECRET].encode())


def upload_orders(app: ShopApp, orders: bytes) -> str:
    """Open an upload and PUT the orders to its signed address; returns the upload's id.

    Raises:
        SmokeFailed: one of the requests is refused.
    """
    declared = {"files": [{"csvType": "orders", "size": len(orders)}]}
    session = app.call("POST", "/api/uploads", declared, answer=UploadSession, status=CREATED)
    address = session.files[0].upload
    if address is None:
        raise SmokeFailed("the upload came without a signed address")
    response = web_request.send_request(
        address.method, address.url, body=orders, headers=address.headers
    )
    if response.status != OK:
        raise SmokeFailed(f"the signed address refused the file: it answered {response.status}")
    return session.uploadId


def wait_until_complete(app: ShopApp, upload_id: str, *, until: float) -> None:
    """Return when the run is complete; ``until`` by the monotonic clock.

    Raises:
        SmokeFailed: it failed, or did not finish in time.
    """
    while True:
        seen = app.call("GET", f"/api/upload-status/{upload_id}", answer=GenerationStatus)
        if seen.status == "completed":
            return
        if seen.status == "failed":
            raise SmokeFailed(f"the run of {upload_id} failed: {seen.error_message}")
        if monotonic() > until:
            raise SmokeFailed(
                f"the run of {upload_id} did not finish in time: it is at"
                f" {seen.current_phase}, {seen.progress_percentage} %"
            )
        sleep(LOOK_S)


def count_bundles(app: ShopApp, upload_id: str) -> int:
    """How many bundles the upload has; each must be complete.

    Raises:
        SmokeFailed: there is none, or one lacks products, a price or a title.
    """
    path = f"/api/bundle-recommendations?uploadId={upload_id}"
    found = app.call("GET", path, answer=RecommendationPage)
    if not found.total:
        raise SmokeFailed(f"the run of {upload_id} is complete but has no bundles")
    for one in found.recommendations:
        if not (one.products and one.ai_copy.title):
            raise SmokeFailed(f"the bundle {one.id} lacks products or a title")
    return found.total
