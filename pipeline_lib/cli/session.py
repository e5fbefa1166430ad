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
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.progress import Progress
from pipeline_lib.records.uploads import Parameters, SlotName, Upload
from pipeline_lib.runs import opening
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.settings import process_settings
from pipeline_lib.topology import first

Sources = Mapping[SlotName, Path | str]  # by slot: a file, or an address s3://bucket/key


class NothingToContinue(Rejected):
    """There is no earlier run of the shop to which a file could add."""

    code = "NOTHING_TO_CONTINUE"


class UploadGone(PipelineError):
    """The upload was removed while its run was being followed."""

    code = "UPLOAD_GONE"


def newest_run(folder: Path, shop: str) -> Work:
    """The run that the shop's recommendations come from.

    Raises:
        NothingToContinue: the folder holds no finished run of the shop.
    """
    with closing(wiring.embedded(folder)) as stores:
        found = Collections(stores.documents).shops.read(shop)
    if found is None or found.record.newest is None:
        raise NothingToContinue(
            f"{folder.parent} holds no run of {shop}; run once without --continues"
        )
    return found.record.newest


def upload_id_of(files: Sources, shop: str, parameters: Parameters) -> str:
    """An id made of files, shop and parameters, so that the same command finds its run again.

    What lies in S3 is known by its address, since reading it twice may cost money.
    """
    chosen = parameters.model_dump(exclude_unset=True)
    digest = sha256(f"{shop}\0{json.dumps(chosen, sort_keys=True)}".encode())
    for slot, file in sorted(files.items()):
        if isinstance(file, str):
            digest.update(f"\0{slot}\0{file}".encode())
            continue
        digest.update(f"\0{slot}\0{file.name}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:20]


def ensure_upload(
    collections: Collections,
    files: Sources,
    parameters: Parameters,
    *,
    upload_id: str,
    shop: str,
) -> None:
    """Create the upload, unless an earlier call did."""
    opening.open_upload(
        collections,
        upload_id=upload_id,
        shop_id=shop,
        slots={slot: landing_name(upload_id, slot, file) for slot, file in files.items()},
        parameters=parameters,
        now=now(),
        fixed_flags=process_settings().overrides,
    )


def landing_name(upload_id: str, slot: str, file: Path | str) -> str:
    """The name under which a slot's file lands; a file in S3 stays where it is."""
    return file if isinstance(file, str) else f"{upload_id}/{slot}/{file.name}"


def start_run(stores: wiring.Embedded, files: Sources, upload_id: str) -> None:
    """Store the files; an interrupted run continues, one that ended starts anew."""
    collections = Collections(stores.documents)
    status = _upload(collections, upload_id).status
    if status == "processing":
        return  # it was interrupted: its messages are still waiting
    local = {slot: file for slot, file in files.items() if isinstance(file, Path)}
    for slot, file in local.items():
        with file.open("rb") as stream:
            stores.ports.landing.write_once(landing_name(upload_id, slot, file), stream)
    if status != "awaiting_files" or not local:  # what lies in S3 does not land by itself
        collections.uploads.change(  # an erasure may have removed the files before
            upload_id, lambda one: opening.with_files_in_bucket(stores.ports, one, now=now())
        )
        work, _ = opening.begin_run(collections, upload_id, now=now())
        stores.topics.publish(first().name, work.message())


def follow(collections: Collections, upload_id: str, out: Path) -> Upload:
    """Show and log every version of the progress until the run ends; return the upload.

    Raises:
        UploadGone: the upload was removed.
    """
    over = False
    with progress_screen() as show, (out / "progress.jsonl").open("w") as log:
        for version in collections.progress.watch(upload_id):
            if version is not None:
                log.write(_line(version))
                show(version)
            elif over:
                break
            else:
                over = not _upload(collections, upload_id).is_live
    return _upload(collections, upload_id)


def _upload(collections: Collections, upload_id: str) -> Upload:
    found = collections.uploads.read(upload_id)
    if found is None:
        raise UploadGone(f"the upload {upload_id} no longer exists")
    return found.record


def _line(version: Progress) -> str:
    return json.dumps(version.fields(), default=datetime.isoformat, ensure_ascii=False) + "\n"
