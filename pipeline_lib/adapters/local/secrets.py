"""Random secrets, made on first use in a folder that only its owner may read."""

import os
from pathlib import Path
from secrets import token_bytes

SECRET_BYTES = 32


class FolderSecrets:
    """Each secret is a file of random bytes below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes:
        path = self._root / name
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f".{name}.{os.getpid()}")
        if not path.exists():
            part.write_bytes(token_bytes(SECRET_BYTES))
            part.chmod(0o600)
            try:
                os.link(part, path)  # the first to make it wins, and nobody reads half of it
            except FileExistsError:
                pass
            finally:
                part.unlink()
        return path.read_bytes()
