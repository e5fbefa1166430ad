"""`bundles serve`: the interface and the chain on a laptop, until interrupted."""

import argparse
import signal
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.runtime import laptop
from pipeline_lib.runtime.settings import process_settings
from pipeline_lib.runtime.worker import LOG

EPILOG = """\
example:
  bundles serve --port 8080
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/csv-uploads

It prints the address of a console for sending files and reviewing bundles, a development token of
one shop, and the operators' keys. The token is valid until the process ends, and only here.
/api/docs has a page to try every endpoint.
"""


def options(command: argparse.ArgumentParser) -> None:
    """Declare where to listen, the shop, and where to keep everything."""
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


def execute(arguments: argparse.Namespace) -> None:
    """Serve until interrupted."""
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (
        logs.to_file(arguments.folder / LOG, level=process_settings().log_level),
        laptop.serve_folder(arguments.folder, port=arguments.port, shop=arguments.shop) as there,
    ):
        wait_until_interrupted(there, shop=arguments.shop)


def wait_until_interrupted(there: laptop.Served, *, shop: str) -> None:
    """Print where it listens and the token and keys that open it, and wait.

    Raises:
        KeyboardInterrupt: the user interrupts.
        ChainEnded: the chain behind it has stopped.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # also where the shell ignores them
        signal.signal(number, signal.default_int_handler)
    print(f"serving  {there.url}  (every endpoint: {there.url}/api/docs)", flush=True)
    print(f"console  {there.url}/console#token={there.token}", flush=True)
    print(f"shop     {shop}", flush=True)
    print(f"token    {there.token}", flush=True)
    for role, key in there.keys.items():
        print(f"{role:<8} {key}", flush=True)
    there.wait()
