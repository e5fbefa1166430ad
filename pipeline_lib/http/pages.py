"""Pages for people: one to try the operations, and on a laptop a console; no data of a shop."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from pipeline_lib.http.door import Door
from pipeline_lib.http.errors import NotFound
from pipeline_lib.http.services import ApiServices, Services

router = APIRouter(tags=["pages"], route_class=Door)

HTML, CSS, SCRIPT = "text/html", "text/css", "text/javascript"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'"
)
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def page_content(media_type: str) -> dict[int | str, dict[str, object]]:
    """The answer of an operation that gives a page, as OpenAPI has it."""
    content = {media_type: {"schema": {"type": "string"}}}
    return {200: {"description": "The page", "content": content}}


@router.get("/api/openapi.json")
async def get_openapi_document(request: Request) -> dict[str, object]:
    """Get this document."""
    document: dict[str, object] = request.app.openapi()
    return document


@router.get("/api/docs", response_class=Response, responses=page_content(HTML))
async def get_docs_page() -> Response:
    """Get a page to read about the operations and to try them."""
    return _page("docs.html", HTML, DOCS_POLICY)


@router.get("/api/docs/page.js", response_class=Response, responses=page_content(SCRIPT))
async def get_docs_script() -> Response:
    """Get what makes that page work."""
    return _page("docs.js", SCRIPT)


@router.get("/console", response_class=Response, responses=page_content(HTML))
async def get_console(services: Services) -> Response:
    """Get a page to send exports, watch runs and review bundles, on a laptop."""
    _refuse_elsewhere(services)
    return _page("console.html", HTML, CONSOLE_POLICY)


@router.get("/console/page.js", response_class=Response, responses=page_content(SCRIPT))
async def get_console_script(services: Services) -> Response:
    """Get what makes the console work."""
    _refuse_elsewhere(services)
    return _page("console.js", SCRIPT)


@router.get("/console/page.css", response_class=Response, responses=page_content(CSS))
async def get_console_style(services: Services) -> Response:
    """Get how the console looks."""
    _refuse_elsewhere(services)
    return _page("console.css", CSS)


def _refuse_elsewhere(services: ApiServices) -> None:
    """A shop's own token changes one thing only, so that the console needs a laptop's."""
    if services.development is None:
        raise NotFound


def _page(name: str, media_type: str, policy: str | None = None) -> Response:
    headers = {} if policy is None else {"Content-Security-Policy": policy}
    return Response(page_text(name), media_type=f"{media_type}; charset=utf-8", headers=headers)


@cache
def page_text(name: str) -> str:
    """The text of a page, or of what makes it work."""
    return (files("pipeline_lib.http.static") / name).read_text("utf-8")
