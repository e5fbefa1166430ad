"""The OpenAPI document, drawn from the rows and the models that validate; it serves nothing."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline_lib.http import problems
from pipeline_lib.http.endpoint import Endpoint
from pipeline_lib.http.gate import LISTEN
from pipeline_lib.http.identity import Access
from pipeline_lib.http.links import links
from pipeline_lib.http.problems import Problem
from pipeline_lib.http.shapes import Nothing, ProblemShape

REFERENCE = "#/components/schemas/{model}"
EVERYWHERE = (problems.NotFound, problems.Failed, problems.Unavailable)
BY_BODY: dict[str, tuple[type[Problem], ...]] = {
    "none": (),
    "raw": (problems.Malformed, problems.TooLarge),
    "json": (problems.Malformed, problems.TooLarge, problems.Unsupported, problems.Invalid),
    "form": (problems.Malformed, problems.TooLarge, problems.Unsupported, problems.Invalid),
}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "signature": {"type": "apiKey", "in": "header", "name": "X-Shopify-Hmac-Sha256"},
    "listener": {"type": "apiKey", "in": "query", "name": LISTEN},
}
FILE = {"type": "string", "format": "binary"}

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]


@cache
def document(rows: tuple[Endpoint, ...]) -> str:
    """The document as JSON text."""
    schemas, definitions = _schemas(rows)
    paths: dict[str, Json] = {}
    names = {f"{row.method} {row.path}": row.name for row in rows}
    for row in rows:
        operation = _operation(row, schemas)
        paths.setdefault(row.path, {})[row.method.lower()] = operation
        if found := links(f"{row.method} {row.path}", names):
            for status in (row.status, *row.also):
                operation["responses"][str(status)]["links"] = found
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Bundlechain",
                "version": "1",
                "description": "From a shop's exports to product bundles.",
            },
            "paths": paths,
            "components": {
                "schemas": definitions,
                "securitySchemes": SCHEMES,
            },
        },
        indent=1,
    )


def refusals(row: Endpoint) -> set[type[Problem]]:
    """Every problem that the endpoint may answer with."""
    found = {*EVERYWHERE, *row.refuses, *BY_BODY[row.body]}
    if row.access is not Access.ANYONE:
        found |= {problems.Unauthorised, problems.TooMany}
    if row.access in {Access.VIEWER, Access.OPERATOR, Access.ADMIN}:
        found.add(problems.Forbidden)
    if row.asks is not Nothing:
        found.add(problems.Invalid)
    return found


def _schemas(rows: Sequence[Endpoint]) -> tuple[dict[type[BaseModel], Json], Json]:
    models: set[type[BaseModel]] = {ProblemShape, *(row.asks for row in rows)}
    models |= {row.answers for row in rows if not isinstance(row.answers, str)}
    ordered = sorted(models, key=lambda model: (model.__name__, model.__module__))
    taken = {row.asks for row in rows}
    asked: list[tuple[Any, Mode]] = [
        (model, "validation" if model in taken else "serialization") for model in ordered
    ]
    schemas, defined = models_json_schema(asked, ref_template=REFERENCE)
    by_model = {model: schemas[model, mode] for model, mode in asked}
    return by_model, defined.get("$defs", {})


def _operation(row: Endpoint, schemas: dict[type[BaseModel], Json]) -> Json:
    operation: Json = {
        "operationId": row.name,
        "summary": row.does,
        "parameters": [*_path(row), *_query(row)],
        "responses": _responses(row, schemas),
    }
    if row.access is not Access.ANYONE:
        scheme = "signature" if row.access is Access.SHOPIFY else "bearer"
        schemes = [scheme, *(["listener"] if row.listens else [])]
        operation["security"] = [{one: []} for one in schemes]
        operation["description"] = f"Open to: {row.access}."
    if row.body != "none":
        operation["requestBody"] = {"required": True, "content": _body(row, schemas)}
    return operation


def _path(row: Endpoint) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", row.path):
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,199}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(row: Endpoint) -> Iterator[Json]:
    if row.body != "none":
        return
    shape = row.asks.model_json_schema(ref_template=REFERENCE)
    for name, schema in shape.get("properties", {}).items():
        needed = name in shape.get("required", ())
        yield {"name": name, "in": "query", "required": needed, "schema": _inlined(schema, shape)}


def _inlined(schema: Json, shape: Json) -> Json:
    """The schema of a query's field without references: parameters have no components."""
    if "$ref" in schema:
        found: Json = shape["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _body(row: Endpoint, schemas: dict[type[BaseModel], Json]) -> Json:
    if row.body == "raw":
        return {"*/*": {"schema": {}}}
    if row.body == "json":
        return {"application/json": {"schema": schemas[row.asks]}}
    fields = row.asks.model_json_schema(ref_template=REFERENCE)
    properties = {"file": FILE, **fields.get("properties", {})}
    needed = ["file", *fields.get("required", ())]
    schema = {"type": "object", "properties": properties, "required": needed}
    return {"multipart/form-data": {"schema": schema}}


def _responses(row: Endpoint, schemas: dict[type[BaseModel], Json]) -> Json:
    kind = row.answers if isinstance(row.answers, str) else "application/json"
    schema = {} if isinstance(row.answers, str) else schemas[row.answers]
    content = {kind: {"schema": schema}, **{other: {"schema": {}} for other in row.also_types}}
    well = {"description": row.does, "content": content}
    told = {str(status): well for status in (row.status, *row.also)}
    if not row.writes:
        told["304"] = {"description": "As the ETag says"}
    problem = {"application/json": {"schema": schemas[ProblemShape]}}
    for found in sorted(refusals(row), key=lambda one: one.status):
        told[str(found.status)] = {"description": (found.__doc__ or "").strip(), "content": problem}
    return told
