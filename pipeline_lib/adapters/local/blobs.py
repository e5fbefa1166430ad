"""Blobs as the files of a folder, written all or nothing."""

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from pipeline_lib.adapters.blob_names import name_parts
from pipeline_lib.messages import Landing

PART = ".part-"  # begins the name of a file that is being written


class FolderBlobs:
    """Each blob is a file below ``root``, which is made when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, name: str) -> BinaryIO | None:
        try:
            return self._path(name).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            return None

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        with NamedTemporaryFile(dir=path.parent, prefix=PART) as part:
            shutil.copyfileobj(source, part, length=1 << 20)
            part.flush()
            try:
                os.link(part.name, path)  # all or nothing, and never over another
            except FileExistsError:
                return False
        return True

    def names(self, prefix: str) -> list[str]:
        files = (path for path in self._root.rglob("*") if path.is_file())
        names = (path.relative_to(self._root).as_posix() for path in files)
        return sorted(
            name
            for name in names
            if name.startswith(prefix) and not PurePosixPath(name).name.startswith(PART)
        )

    def delete(self, names: list[str]) -> None:
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._root.joinpath(*name_parts(name))


class LandingFolder(FolderBlobs):
    """A folder that announces each file that lands in it, as a bucket notification does."""

    def __init__(self, root: Path, notify: Callable[[Landing], None]) -> None:
        super().__init__(root)
        self._notify = notify

    def write_once(self, name: str, data: bytes | BinaryIO) -> bool:
        stored = super().write_once(name, data)
        self._notify(Landing(name, generation="1"))  # again if dropped again: the first may be lost
        return stored
