"""Writes every zip to build/bundles, or says in one sentence why there is none."""

import sys

from dev.packaging.bundles import ROOT, zips
from dev.packaging.imports import NotPacked


def main() -> None:
    """Pack every function."""
    folder = ROOT / "build" / "bundles"
    try:
        made = zips(ROOT)
    except NotPacked as reason:
        sys.exit(f"no bundles: {reason}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (folder / f"{name}.zip").write_bytes(data)


if __name__ == "__main__":
    main()
