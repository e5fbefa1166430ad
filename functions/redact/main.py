"""Cloud Function `redact`: a webhook in, the data it names erased or reported out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import redact
from pipeline_lib.runtime.errands import errands

handle = errands("redact", redact.do)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
