"""One upload, from its files to the end of its run, wherever that run is."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pipeline_lib.cli.screen import progress_screen
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
    """The upload was removed while its run was being followed."""

    code = "UPLOAD_GONE"


def newest_run(folder: Path, shop: str) -> Mapping[str, object]:
    """The run that the shop's recommendations come from.

    Raises:
        NothingToContinue: the folder holds no finished run of the shop.
    """
    with closing(wiring.embedded(folder)) as stores:
        found = stores.documents.read(f"shops/{shop}")
    if found is None or "newest" not in found.data:
        raise NothingToContinue(
            f"{folder.parent} holds no run of {shop}; run once without --continues"
        )
    newest: Mapping[str, object] = found.data["newest"]
    return newest


def upload_id_of(files: Mapping[str, Path], shop: str, parameters: Mapping[str, object]) -> str:
    """An id made of files, shop and parameters, so that the same command finds its run again."""
    digest = sha256(f"{shop}\0{json.dumps(dict(parameters), sort_keys=True)}".encode())
    for slot, file in sorted(files.items()):
        digest.update(f"\0{slot}\0{file.name}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:20]


def ensure_upload(
    documents: Documents,
    files: Mapping[str, Path],
    parameters: Mapping[str, object],
    *,
    upload_id: str,
    shop: str,
) -> None:
    """Create the upload, unless an earlier call did."""
    intake.open_upload(
        documents,
        upload_id=upload_id,
        shop_id=shop,
        slots={slot: landing_name(upload_id, slot, file) for slot, file in files.items()},
        parameters=parameters,
        now=now(),
    )


def landing_name(upload_id: str, slot: str, file: Path) -> str:
    """The name under which a slot's file lands."""
    return f"{upload_id}/{slot}/{file.name}"


def start_run(stores: wiring.Embedded, files: Mapping[str, Path], upload_id: str) -> None:
    """Store the files; an interrupted run continues, one that ended starts anew."""
    upload = stores.documents.read(f"uploads/{upload_id}")
    status = None if upload is None else upload.data["status"]
    if status == "processing":
        return  # it was interrupted: its messages are still waiting
    for slot, file in files.items():
        with file.open("rb") as stream:
            stores.ports.landing.write_once(landing_name(upload_id, slot, file), stream)
    if status != "awaiting_files":
        intake.look(stores.ports, upload_id, now=now())  # an erasure may have removed them before
        work = intake.begin(stores.documents, upload_id, now=now())
        stores.topics.publish(first().name, work.message())


def follow(documents: Documents, upload_id: str, out: Path) -> Data:
    """Show and log every version of the progress until the run ends; return the upload.

    Raises:
        UploadGone: the upload was removed.
    """
    over = False
    with progress_screen() as show, (out / "progress.jsonl").open("w") as log:
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
        raise UploadGone(f"the upload {upload_id} no longer exists")
    return found.data


def _line(data: Data) -> str:
    return json.dumps(data, default=datetime.isoformat, ensure_ascii=False) + "\n"
