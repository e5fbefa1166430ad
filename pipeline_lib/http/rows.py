"""All endpoints, in the order in which they are described; how they are served is elsewhere."""

from collections.abc import Mapping
from functools import cache

from pipeline_lib.http.calls import (
    admin,
    analytics,
    bundles,
    csv_uploads,
    export,
    flags,
    generation,
    health,
    jobs,
    listening,
    pages,
    privacy,
    quick_install,
    recommendations,
    rules,
    sessions,
    shopify,
    stream,
    webhooks,
)
from pipeline_lib.http.endpoint import Endpoint


@cache
def rows() -> tuple[Endpoint, ...]:
    """Every row."""
    return (
        *health.ROWS,
        *pages.ROWS,
        *sessions.ROWS,
        *csv_uploads.ROWS,
        *shopify.ROWS,
        *generation.ROWS,
        *stream.ROWS,
        *listening.ROWS,
        *recommendations.ROWS,
        *quick_install.ROWS,
        *bundles.ROWS,
        *rules.ROWS,
        *analytics.ROWS,
        *export.ROWS,
        *jobs.ROWS,
        *flags.ROWS,
        *admin.ROWS,
        *webhooks.ROWS,
        *privacy.ROWS,
    )


@cache
def methods_at() -> Mapping[str, str]:
    """The methods of each path, as the header ``Allow`` tells them."""
    found: dict[str, set[str]] = {}
    for row in rows():
        also = {"HEAD"} if row.method == "GET" else set()
        found.setdefault(row.path, {"OPTIONS"}).update({row.method, *also})
    return {path: ", ".join(sorted(methods)) for path, methods in found.items()}
