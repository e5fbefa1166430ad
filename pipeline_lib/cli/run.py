"""One run from files to files on the embedded chain; it shows and decides nothing."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.cli.results import written
from pipeline_lib.cli.screen import screen
from pipeline_lib.errors import BadExport, PipelineError, Rejected
from pipeline_lib.ports import Data
from pipeline_lib.runtime import chain, intake, wiring
from pipeline_lib.topology import first

SLOTS = {
    "orders": "the orders export",
    "products": "the products export",
    "inventory": "the inventory export",
    "catalog": "a joined catalogue: products, prices and stock in one file",
}
STATE = ".state"  # the embedded stores, from which an interrupted run goes on


class RunFailed(PipelineError):
    """The run ended without bundles, for a reason that is not the input's."""

    code = "RUN_FAILED"


class RunRefused(Rejected):
    """The chain refused what it was given, and says why."""

    code = "RUN_REFUSED"


def run(files: Mapping[str, Path], *, shop: str, out: Path) -> None:
    """Run the chain on the files, show its progress, and write the results to ``out``.

    Raises:
        Rejected: a file can not be used.
        PipelineError: the run failed.
    """
    _refuse_missing(files)
    upload_id = _upload_id(files, shop)
    folder = out / STATE
    folder.mkdir(parents=True, exist_ok=True)
    with logs.to_file(folder / "log.jsonl"), closing(wiring.embedded(folder)) as stores:
        with chain.running(stores, folder):
            _start(stores, files, upload_id=upload_id, shop=shop)
            _follow(stores, upload_id, out)
        upload = stores.documents.read(f"uploads/{upload_id}")
        if upload is None:
            raise RunFailed(f"the upload {upload_id} is gone from {folder}")
        written(upload.data, stores.ports, out)
        stores.forget(upload_id)
    _raise_unless_completed(upload.data)


def _refuse_missing(files: Mapping[str, Path]) -> None:
    if not {"orders", "products", "catalog"} & set(files):
        raise RunRefused("give a file of orders (--orders F), or one of products (--products F)")
    for slot, file in files.items():
        if not file.is_file():
            raise BadExport(str(file), f"there is no such file; check what follows --{slot}")


def _upload_id(files: Mapping[str, Path], shop: str) -> str:
    """The same for the same files of the same shop, so that a second call finds the first."""
    digest = sha256(shop.encode())
    for slot, file in sorted(files.items()):
        digest.update(f"\0{slot}\0{file.name}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:20]


def _start(
    stores: wiring.Embedded, files: Mapping[str, Path], *, upload_id: str, shop: str
) -> None:
    slots = {slot: f"{upload_id}/{slot}/{file.name}" for slot, file in files.items()}
    intake.open_upload(
        stores.documents, upload_id=upload_id, shop_id=shop, slots=slots, parameters={}
    )
    upload = stores.documents.read(f"uploads/{upload_id}")
    status = None if upload is None else upload.data["status"]
    if status == "processing":
        return  # it was interrupted: its messages are still waiting
    for slot, file in files.items():
        with file.open("rb") as stream:
            stores.ports.landing.write_once(slots[slot], stream)
    if status != "awaiting_files":
        work = intake.begin(stores.documents, upload_id)
        stores.topics.publish(first().name, work.message())


def _follow(stores: wiring.Embedded, upload_id: str, out: Path) -> None:
    """Show and write down every version of the progress until the run is over."""
    over = False
    with screen() as show, (out / "progress.jsonl").open("w") as log:
        for version in stores.documents.watch(f"progress/{upload_id}"):
            if version is not None:
                log.write(_line(version.data))
                show(version.data)
            elif over:
                return
            else:
                over = _over(stores, upload_id)


def _over(stores: wiring.Embedded, upload_id: str) -> bool:
    upload = stores.documents.read(f"uploads/{upload_id}")
    return upload is None or upload.data["status"] not in {"awaiting_files", "processing"}


def _line(data: Data) -> str:
    return json.dumps(data, default=datetime.isoformat, ensure_ascii=False) + "\n"


def _raise_unless_completed(upload: Data) -> None:
    if upload["status"] == "completed":
        return
    error = upload["error"] or {
        "code": upload["status"],
        "message": f"the run was {upload['status']}",
    }
    if error["code"] in {"TIMED_OUT", "DEAD_LETTER", "cancelled"}:
        raise RunFailed(error["message"])
    raise RunRefused(error["message"])
