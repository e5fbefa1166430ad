"""Cloud Function `api`: the shop app's requests in, responses out."""

import functions_framework
from flask import Request
from werkzeug import Response

from pipeline_lib.runtime import gateway

handle = gateway.function(gateway.environment())


@functions_framework.http
def main(request: Request) -> Response:
    """Entry point named in Terraform; a start without its settings fails in one sentence."""
    return handle(request)
