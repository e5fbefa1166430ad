"""What a blob's name may be, for every store of blobs; no store."""

from pathlib import PurePosixPath


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a relative name.

    Raises:
        ValueError: the name is empty, absolute, or leads out of where it belongs.
    """
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(f"{name!r} is no relative name")
    return parts
