"""Runs on the emulators and the same runs on the embedded stores, to compare; no verdict."""

import time

from pipeline_lib import reports
from pipeline_lib.cli import emulate, session
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.runs.job import Artefacts
from pipeline_lib.runtime import chain, wiring
from tests.uploads import upload_of

SHOP = "shop"
MOST_S = 300  # eight deliveries with their back-off, on a machine that is busy with other tests


def begun(environ, ports, upload_id, files):
    """Open the upload and send its files to their signed addresses."""
    open_for(ports.documents, upload_id, files)
    emulate.send_files(files, wiring.uploads_of(environ), upload_id)


def ended(ports, upload_id):
    """The upload when its run is over."""
    until = time.monotonic() + MOST_S
    while time.monotonic() < until:
        upload = upload_of(ports.documents, upload_id)
        if not upload.is_live:
            return upload
        time.sleep(0.2)
    raise TimeoutError(f"{upload_id} is still {upload.status}: {upload.phases}")


def made(ports, upload_id):
    """The text of what the run made."""
    return Artefacts(ports.artefacts, Work(upload_id, 1)).text(reports.RECOMMENDATIONS)


def made_embedded(folder, upload_id, files):
    """What the same upload makes on the embedded stores."""
    stores = wiring.embedded(folder)
    open_for(stores.documents, upload_id, files)
    with chain.run_chain(stores, folder):
        session.start_run(stores, files, upload_id)
        assert ended(stores.ports, upload_id).status == "completed"
    text = made(stores.ports, upload_id)
    stores.close()
    return text


def open_for(documents, upload_id, files):
    """Open the upload that waits for the files."""
    session.ensure_upload(
        Collections(documents), files, Parameters(), upload_id=upload_id, shop=SHOP
    )
