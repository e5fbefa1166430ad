"""What a blob's name may be, for every store of blobs."""

from pathlib import PurePosixPath


def name_parts(name: str) -> tuple[str, ...]:
    """The parts of a relative name.

    Raises:
        ValueError: the name is empty, absolute, or leads out of where it belongs.
    """
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(f"{name!r} is not a relative name")
    return parts
