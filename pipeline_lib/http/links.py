"""Which answer names the thing that another endpoint is about, as OpenAPI links; it calls none."""

from collections.abc import Iterator, Mapping
from typing import Any

Targets = Mapping[str, Mapping[str, str]]

UPLOAD: Targets = {  # the endpoint, and the parameters or the fields of the body that are named
    "GET /api/uploads/{id}": {"path": "id"},
    "POST /api/uploads/{id}/start": {"path": "id"},
    "GET /api/upload-status/{uploadId}": {"path": "uploadId"},
    "GET /api/csv-uploads/{id}": {"path": "id"},
    "GET /api/shopify/status/{uploadId}": {"path": "uploadId"},
    "GET /api/generation-progress/{uploadId}": {"path": "uploadId"},
    "GET /api/bundle-recommendations/{id}/partial": {"path": "id"},
    "POST /api/generate-bundles": {"body": "csvUploadId"},
    "POST /api/generate-bundles/{id}/resume": {"path": "id"},
    "POST /api/generate-bundles/{id}/cancel": {"path": "id"},
    "POST /api/listen-token": {"body": "uploadId"},
    "POST /api/generate-rules": {"body": "csvUploadId"},
    "GET /api/association-rules": {"query": "uploadId"},
}
RECOMMENDATION: Targets = {
    "GET /api/bundle-recommendations/{id}": {"path": "id"},
    "PATCH /api/bundle-recommendations/{id}/approve": {"path": "id"},
    "POST /api/bundles": {"body": "recommendationId"},
}
BUNDLE: Targets = {
    "GET /api/bundles/{id}": {"path": "id"},
    "DELETE /api/bundles/{id}": {"path": "id"},
}
JOB: Targets = {"GET /api/bundles/status/{job_id}": {"path": "job_id"}}
NAMED: Mapping[str, tuple[str, Targets]] = {  # the endpoint, and where its answer names what
    "POST /api/uploads": ("/uploadId", UPLOAD),
    "POST /api/upload-csv": ("/uploadId", UPLOAD),
    "POST /api/shopify/upload": ("/uploadId", UPLOAD),
    "POST /api/generate-bundles": ("/result/uploadId", UPLOAD),
    "GET /api/csv-uploads": ("/uploads/0/id", UPLOAD),
    "GET /api/bundle-recommendations": ("/recommendations/0/id", RECOMMENDATION),
    "GET /api/shopify/recommendations": ("/recommendations/0/id", RECOMMENDATION),
    "GET /api/bundles": ("/bundles/0/id", BUNDLE),
    "POST /api/bundles": ("/id", BUNDLE),
    "POST /api/bundles/quick-install": ("/job_id", JOB),
}


def links(source: str, operations: Mapping[str, str]) -> dict[str, Any]:
    """The links of a success of ``source`` ("METHOD path") by their names.

    ``operations`` are the names of the operations by "METHOD path".
    """
    return dict(_links(source, operations))


def _links(source: str, operations: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    pointer, targets = NAMED.get(source, ("", {}))
    value = f"$response.body#{pointer}"
    for target, places in targets.items():
        link: dict[str, Any] = {"operationId": operations[target]}
        for place, name in places.items():
            if place == "body":
                link["requestBody"] = {name: value}
            else:
                link["parameters"] = {name: value}
        yield operations[target], link
