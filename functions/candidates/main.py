"""Cloud Function `candidates`: baskets in, counted candidate bundles out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import candidates
from pipeline_lib.runtime.handler import handler

handle = handler("candidates", candidates.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
