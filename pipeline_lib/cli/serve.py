"""The whole system on a laptop: the interface and the chain behind it, until it is interrupted."""

import argparse
import signal
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.runtime import laptop
from pipeline_lib.runtime.worker import LOG

SUMMARY = "serve the whole system on this machine: the interface and the chain behind it"
EPILOG = """\
example:
  bundles serve --port 8080
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/csv-uploads

It prints the address of a console, where files are sent and bundles reviewed; a token of a shop
for development; and the operators' keys. The token is good until the process ends, and only here.
A page to try every endpoint is at /api/docs.
"""


def options(command: argparse.ArgumentParser) -> None:
    """Where to listen, and where to keep what is kept."""
    command.add_argument(
        "--port", type=int, default=8080, metavar="N", help="where to listen (8080)"
    )
    command.add_argument(
        "--shop",
        default="my-shop.myshopify.com",
        metavar="NAME",
        help="the shop that the token is for (my-shop.myshopify.com)",
    )
    command.add_argument(
        "--folder",
        type=Path,
        default=Path("bundles-state"),
        metavar="DIR",
        help="where everything is kept (bundles-state)",
    )


def execute(given: argparse.Namespace) -> None:
    """Serve until somebody interrupts."""
    given.folder.mkdir(parents=True, exist_ok=True)
    with (
        logs.to_file(given.folder / LOG),
        laptop.served(given.folder, port=given.port, shop=given.shop) as there,
    ):
        until_interrupted(there, shop=given.shop)


def until_interrupted(there: laptop.Served, *, shop: str) -> None:
    """Say where it listens and what opens it, and wait.

    Raises:
        KeyboardInterrupt: somebody interrupts.
        ChainEnded: nobody works behind it any more.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has them ignored
        signal.signal(number, signal.default_int_handler)
    print(f"serving  {there.url}  (every endpoint: {there.url}/api/docs)", flush=True)
    print(f"console  {there.url}/console#token={there.token}", flush=True)
    print(f"shop     {shop}", flush=True)
    print(f"token    {there.token}", flush=True)
    for role, key in there.keys.items():
        print(f"{role:<8} {key}", flush=True)
    there.wait()
