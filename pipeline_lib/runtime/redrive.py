"""Sets a failed run going again where it stopped; it does no phase's work and starts no new run."""

from pipeline_lib.domain.runs import uploads
from pipeline_lib.domain.runs.uploads import ELSEWHERE
from pipeline_lib.errors import NothingToRedrive
from pipeline_lib.lifecycle import intake, onwards
from pipeline_lib.ports import Ports
from pipeline_lib.runtime.clock import now
from pipeline_lib.topology import first


def redrive(ports: Ports, upload_id: str) -> list[str]:
    """Re-open the run and send its unfinished phases their messages; returns their names.

    What is done stays done, because outcomes are kept. Said again after it broke off, it goes on.

    Raises:
        NothingToRedrive: there is no such upload, its run did not fail, or its files are gone.
        ShopBusy: another upload of the shop is being worked on.
    """
    _refuse_without_files(ports, upload_id)
    upload = onwards.reopen(ports.documents, upload_id, now=now())
    if upload is None:
        raise NothingToRedrive(f"there is no upload {upload_id}")
    return intake.continued(ports, upload)


def _refuse_without_files(ports: Ports, upload_id: str) -> None:
    """A run that stopped while its files were read can not go on without them."""
    found = ports.documents.read(f"uploads/{upload_id}")
    if found is None or found.data["status"] != "failed":
        return
    if first().name not in uploads.unfinished(found.data):
        return
    landed = [slot["name"] for slot in found.data["slots"].values() if slot["landed_at"]]
    there = set(ports.landing.names(f"{upload_id}/"))
    gone = [name for name in landed if name not in there and not name.startswith(ELSEWHERE)]
    if gone:
        raise NothingToRedrive(
            f"the files of {upload_id} are not kept any more; send them again as a new upload"
        )
