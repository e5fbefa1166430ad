"""A page to try the endpoints, which loads nothing from elsewhere; it reads openapi.json."""

from functools import cache
from importlib.resources import files


@cache
def html() -> str:
    """The page."""
    return files("pipeline_lib.api").joinpath("page.html").read_text()


@cache
def script() -> str:
    """What makes it work."""
    return files("pipeline_lib.api").joinpath("page.js").read_text()
