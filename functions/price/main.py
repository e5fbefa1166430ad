"""Cloud Function `price`: the portfolio in, prices within their bounds out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import price
from pipeline_lib.runtime.handler import handler

handle = handler("price", price.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
