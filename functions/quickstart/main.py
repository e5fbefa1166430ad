"""Cloud Function `quickstart`: typed lines in, ten preview bundles out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import quickstart
from pipeline_lib.runtime.handler import handler

handle = handler("quickstart", quickstart.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
