"""Cloud Function `redact`: a privacy webhook in, what it names erased, told or stopped out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import redact
from pipeline_lib.runtime.errands import errands

handle = errands("redact", redact.do)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
