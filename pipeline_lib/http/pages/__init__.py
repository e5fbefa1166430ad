"""Pages as they are sent, which load nothing from elsewhere; what they show they ask for."""

from functools import cache
from importlib.resources import files


@cache
def file(name: str) -> str:
    """The text of a page, or of what makes it work."""
    return files("pipeline_lib.http.pages").joinpath(name).read_text("utf-8")
