"""A small made shop goes through a running system as its app would send it; it mends nothing."""

import argparse
import json
from collections.abc import Mapping
from time import monotonic, sleep, time
from typing import Any
from uuid import uuid4

from dev import sample
from pipeline_lib.cli import web
from pipeline_lib.errors import BadSettings, PipelineError
from pipeline_lib.http.settings import CLIENT_ID, CLIENT_SECRET
from pipeline_lib.runtime import gateway
from pipeline_lib.signing import tokens

SUMMARY = "send a small made shop through a running system and see that bundles come back"
EPILOG = f"""\
examples:
  bundles smoke --url http://127.0.0.1:8080 --token TOKEN     (what `bundles serve` prints)
  bundles smoke --url https://bundles.example.com             (a deployed one)

Without --token it makes session tokens as Shopify does, from {CLIENT_ID}
and {CLIENT_SECRET} of its environment.

exit codes: 0 bundles came back, 3 they did not, in one sentence why
"""
SHOP = "bundlechain-smoke.myshopify.com"
LINES = 1_250
LOOK_S = 1.0
TOKEN_S = 60  # as Shopify's
OK, CREATED = 200, 201


class SmokeFailed(PipelineError):
    """The system did not do what it is there for."""

    code = "SMOKE_FAILED"


def options(command: argparse.ArgumentParser) -> None:
    """Where the system is, and who asks."""
    command.add_argument("--url", required=True, metavar="URL", help="where the interface is")
    command.add_argument("--token", metavar="TOKEN", help="a shop's token that lasts")
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


def execute(given: argparse.Namespace) -> None:
    """Send the shop's orders and wait for its bundles.

    Raises:
        SmokeFailed: they do not come, or not in time.
        Unreachable: nobody answers.
        BadSettings: there is no token and nothing to make one of.
    """
    app = App(given.url.rstrip("/"), given.token, given.shop, gateway.environment())
    begun = monotonic()
    upload_id = send(app, sample.beginning(sample.files()["orders"], lines=LINES))
    wait(app, upload_id, until=begun + given.within)
    count = bundles(app, upload_id)
    print(f"{count} bundles of upload {upload_id} after {monotonic() - begun:.0f} s")


class App:
    """The shop's app: it calls the interface at ``url``, each time with a token that is good."""

    def __init__(self, url: str, token: str | None, shop: str, environ: Mapping[str, str]) -> None:
        self._url, self._token, self._shop, self._environ = url, token, shop, environ

    def asked(
        self, method: str, path: str, body: object = None, *, status: int = OK
    ) -> dict[str, Any]:
        """What the interface answers.

        Raises:
            SmokeFailed: not with ``status``.
        """
        headers = {"Authorization": f"Bearer {self._token or self._minted()}"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        answer = web.sent(method, f"{self._url}{path}", body=data, headers=headers)
        if answer.status != status:
            told = answer.said().get("message", "no reason")
            raise SmokeFailed(f"{method} {path} is answered {answer.status}: {told}")
        return answer.said()

    def _minted(self) -> str:
        missing = [name for name in (CLIENT_ID, CLIENT_SECRET) if not self._environ.get(name)]
        if missing:
            raise BadSettings(f"give --token, or set {' and '.join(missing)} to make tokens with")
        now = time()
        claims = {
            "iss": f"https://{self._shop}/admin",
            "dest": f"https://{self._shop}",
            "aud": self._environ[CLIENT_ID],
            "nbf": now,
            "exp": now + TOKEN_S,
            "jti": uuid4().hex,
        }
        return tokens.encode_token(claims, self._environ[CLIENT_SECRET].encode())


def send(app: App, orders: bytes) -> str:
    """Open an upload and PUT the orders to the address that it gives; the upload's id.

    Raises:
        SmokeFailed: somebody refuses.
    """
    declared = {"files": [{"csvType": "orders", "size": len(orders)}]}
    opened = app.asked("POST", "/api/uploads", declared, status=CREATED)
    address = opened["files"][0]["upload"]
    answer = web.sent(address["method"], address["url"], body=orders, headers=address["headers"])
    if answer.status != OK:
        raise SmokeFailed(f"the signed address takes no file: it answers {answer.status}")
    return str(opened["uploadId"])


def wait(app: App, upload_id: str, *, until: float) -> None:
    """Return when the run is complete; ``until`` by the monotonic clock.

    Raises:
        SmokeFailed: it failed, or is not over by then.
    """
    while True:
        seen = app.asked("GET", f"/api/upload-status/{upload_id}")
        if seen["status"] == "completed":
            return
        if seen["status"] == "failed":
            raise SmokeFailed(f"the run of {upload_id} failed: {seen['error_message']}")
        if monotonic() > until:
            raise SmokeFailed(
                f"the run of {upload_id} is not over in time: it is at"
                f" {seen['current_phase']}, {seen['progress_percentage']} %"
            )
        sleep(LOOK_S)


def bundles(app: App, upload_id: str) -> int:
    """How many bundles the upload brought.

    Raises:
        SmokeFailed: none, or one that no shop could offer.
    """
    found = app.asked("GET", f"/api/bundle-recommendations?uploadId={upload_id}")
    if not found["total"]:
        raise SmokeFailed(f"the run of {upload_id} is complete and brought no bundle")
    for one in found["recommendations"]:
        if not (one["products"] and one["pricing"] and one["ai_copy"].get("title")):
            raise SmokeFailed(f"the bundle {one['id']} lacks products, a price or a title")
    return int(found["total"])
