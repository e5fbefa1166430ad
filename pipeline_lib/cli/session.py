"""One upload, from the files that begin it to its end, wherever it runs; prints nothing."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pipeline_lib.cli.screen import screen
from pipeline_lib.clock import now
from pipeline_lib.errors import PipelineError, Rejected
from pipeline_lib.ports import Data, Documents
from pipeline_lib.records.uploads import LIVE
from pipeline_lib.runs import intake
from pipeline_lib.runtime import wiring
from pipeline_lib.topology import first


class NothingToContinue(Rejected):
    """There is no earlier run of the shop to which a file could add."""

    code = "NOTHING_TO_CONTINUE"


class UploadGone(PipelineError):
    """The upload that is followed is there no more."""

    code = "UPLOAD_GONE"


def newest_run(folder: Path, shop: str) -> Mapping[str, object]:
    """Which run of the shop its recommendations come from.

    Raises:
        NothingToContinue: the folder holds no finished run of the shop.
    """
    with closing(wiring.embedded(folder)) as stores:
        found = stores.documents.read(f"shops/{shop}")
    if found is None or "newest" not in found.data:
        raise NothingToContinue(f"{folder.parent} holds no run of {shop}; run it once without")
    newest: Mapping[str, object] = found.data["newest"]
    return newest


def upload_id_of(files: Mapping[str, Path], shop: str, parameters: Mapping[str, object]) -> str:
    """The same for the same files of the same shop, so that a second call finds the first."""
    digest = sha256(f"{shop}\0{json.dumps(dict(parameters), sort_keys=True)}".encode())
    for slot, file in sorted(files.items()):
        digest.update(f"\0{slot}\0{file.name}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:20]


def open_upload(
    documents: Documents,
    files: Mapping[str, Path],
    parameters: Mapping[str, object],
    *,
    upload_id: str,
    shop: str,
) -> None:
    """Make the upload, unless an earlier call did."""
    intake.open_upload(
        documents,
        upload_id=upload_id,
        shop_id=shop,
        slots={slot: name_of(upload_id, slot, file) for slot, file in files.items()},
        parameters=parameters,
        now=now(),
    )


def name_of(upload_id: str, slot: str, file: Path) -> str:
    """The name that a slot's file lands under."""
    return f"{upload_id}/{slot}/{file.name}"


def start(stores: wiring.Embedded, files: Mapping[str, Path], upload_id: str) -> None:
    """Drop the files into the bucket; a run that was interrupted goes on, one that ended anew."""
    upload = stores.documents.read(f"uploads/{upload_id}")
    status = None if upload is None else upload.data["status"]
    if status == "processing":
        return  # it was interrupted: its messages are still waiting
    for slot, file in files.items():
        with file.open("rb") as stream:
            stores.ports.landing.write_once(name_of(upload_id, slot, file), stream)
    if status != "awaiting_files":
        intake.look(stores.ports, upload_id, now=now())  # an erasure may have removed them before
        work = intake.begin(stores.documents, upload_id, now=now())
        stores.topics.publish(first().name, work.message())


def follow(documents: Documents, upload_id: str, out: Path) -> Data:
    """Show and write down every version of the progress until the run is over; the upload then.

    Raises:
        UploadGone: somebody removed it.
    """
    over = False
    with screen() as show, (out / "progress.jsonl").open("w") as log:
        for version in documents.watch(f"progress/{upload_id}"):
            if version is not None:
                log.write(_line(version.data))
                show(version.data)
            elif over:
                break
            else:
                over = _upload(documents, upload_id)["status"] not in LIVE
    return _upload(documents, upload_id)


def _upload(documents: Documents, upload_id: str) -> Data:
    found = documents.read(f"uploads/{upload_id}")
    if found is None:
        raise UploadGone(f"the upload {upload_id} is gone")
    return found.data


def _line(data: Data) -> str:
    return json.dumps(data, default=datetime.isoformat, ensure_ascii=False) + "\n"
