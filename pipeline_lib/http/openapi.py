"""The OpenAPI document: FastAPI's own, with the problems and who may call."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from pipeline_lib.http.door import LISTEN_PARAMETER, SIGNATURE
from pipeline_lib.http.problems import ProblemDetails

TITLE, VERSION = "Bundlechain", "1"
DESCRIPTION = "From a shop's exports to product bundles."
SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A shop's session token, an operator's key, or the clock's OIDC token.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE,
        "description": "Shopify's HMAC-SHA256 of the raw body, in base64.",
    },
    "listener": {
        "type": "apiKey",
        "in": "query",
        "name": LISTEN_PARAMETER,
        "description": "A token of createListenToken, for its upload alone.",
    },
}
VALIDATION = ("HTTPValidationError", "ValidationError")  # FastAPI's own shape, which is not served


def openapi_document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of the routes."""
    document = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=routes)
    for operations in document["paths"].values():
        for operation in operations.values():
            _drop_validation(operation["responses"])
    schemas = document["components"]["schemas"]
    for name in VALIDATION:
        schemas.pop(name, None)
    problem = ProblemDetails.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas |= {**problem.pop("$defs", {}), "ProblemDetails": problem}
    document["components"]["securitySchemes"] = SECURITY_SCHEMES
    return document


def _drop_validation(responses: dict[str, Any]) -> None:
    """Leave out what FastAPI says of parameters that cannot be refused."""
    content = responses.get("422", {}).get("content", {})
    if "application/json" in content:
        del content["application/json"]
    if "422" in responses and not content:
        del responses["422"]
