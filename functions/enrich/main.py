"""Cloud Function `enrich`: lines and catalogue in, products with their facts and baskets out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import enrich
from pipeline_lib.runtime.handler import handler

handle = handler("enrich", enrich.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
