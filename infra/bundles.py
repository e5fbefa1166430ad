"""Packs what each function imports into the zip that Terraform deploys; it deploys nothing.

Equal sources give equal bytes on every machine, because a zip is named by its content.
"""

import io
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from infra.imports import OWN, NotPacked, Repository, provider

ROOT = Path(__file__).resolve().parents[1]
TOOLS = {"dev", "bench", "bench-compiled", "emulate"}  # extras that no function needs
CODE = {".py", ".so", ".pyd"}
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")


@dataclass(frozen=True)
class Project:
    """A repository and what it says of distributions; names are lower-case with dashes.

    ``pins`` holds each pinned distribution's requirement, ``providers`` which of them a module
    comes from, ``locked`` the lock's requirements of a name and ``needed_by`` who asks for it.
    """

    sources: Repository
    pins: Mapping[str, str]
    providers: dict[str, str]
    locked: Mapping[str, list[str]]
    needed_by: Mapping[str, set[str]]


def zips(root: Path) -> dict[str, bytes]:
    """The zip of every row of the topology, by the row's name.

    Raises:
        NotPacked: something that a function loads cannot be told from its sources.
    """
    rows = json.loads((root / OWN / "topology.json").read_text("utf-8"))["phases"]
    project = read_project(root)
    return {row["name"]: zipped(contents(project, row["name"])) for row in rows}


def contents(project: Project, phase: str) -> dict[str, bytes]:
    """What a function's zip holds, by name: its main.py on top, sources, data, requirements."""
    root = project.sources.root
    entry = root / "functions" / phase / "main.py"
    needs = project.sources.closure(entry)
    lines = requirements(project, distributions(project, needs.foreign))
    return {
        "main.py": entry.read_bytes(),
        "requirements.txt": "".join(f"{line}\n" for line in lines).encode(),
    } | {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in needs.files
        if file != entry
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip that tells nothing of when, where and by whom it was made."""
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name)  # dated 1980, the oldest that a zip can say
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = 0o100644 << 16
            entry.compress_type = ZIP_STORED  # another zlib deflates to other bytes
            archive.writestr(entry, files[name])
    return made.getvalue()


def distributions(project: Project, foreign: Mapping[str, Path]) -> set[str]:
    """The pinned distributions that the modules come from.

    Raises:
        NotPacked: one comes from none of them.
    """
    found = {module: provider(module, project.providers) for module in foreign}
    for module, name in sorted(found.items()):
        if name is None:
            raise NotPacked(
                f"{foreign[module]} imports {module}, which nothing pinned and installed provides"
            )
    return {name for name in found.values() if name is not None}


def requirements(project: Project, used: set[str]) -> list[str]:
    """The pins of ``used``, and of all that they need in turn where there is a lock; sorted."""
    if not project.locked:
        return sorted(project.pins[name] for name in used)
    needed, before = set(used), set[str]()
    while needed != before:
        before = set(needed)
        needed |= {name for name, parents in project.needed_by.items() if parents & needed}
    further = (line for name in needed - used for line in project.locked[name])
    return sorted([*(project.pins[name] for name in used), *further])


def read_project(root: Path) -> Project:
    """What pyproject.toml, the lock (if there is one) and the installed distributions say.

    Raises:
        NotPacked: a dependency is not pinned, or the lock does not agree with the pins.
    """
    told = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extras = told["project"].get("optional-dependencies", {})
    groups = [told["project"]["dependencies"], *(extras[name] for name in {*extras} - TOOLS)]
    pins = {_pinned(line)[0]: line for group in groups for line in group}
    locked, needed_by = read_lock(root / "requirements.txt", pins)
    patterns = told["tool"]["setuptools"]["package-data"][OWN]
    return Project(
        sources=Repository(root, tuple(pattern.removeprefix("**/") for pattern in patterns)),
        pins=pins,
        providers={module: name for name in sorted(pins) for module in _modules(name)},
        locked=locked,
        needed_by=needed_by,
    )


def read_lock(
    lock: Path, pins: Mapping[str, str]
) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """Each locked distribution's requirements, and which distributions ask for it.

    The lock is of the kind that ``uv pip compile`` and pip-tools write, where a comment says
    ``via`` whom a requirement came. Both are empty where there is no lock.
    """
    locked: dict[str, list[str]] = {}
    needed_by: dict[str, set[str]] = {}
    name = ""
    for line in lock.read_text("utf-8").splitlines() if lock.exists() else []:
        requirement, _, comment = line.partition("#")
        if PIN.match(requirement):
            name, _ = _pinned(requirement)
            locked.setdefault(name, []).append(requirement.strip(" \\"))
        if name:
            needed_by.setdefault(name, set()).update(_names(comment))
    for pin, line in pins.items() if locked else ():
        if _pinned(line) not in map(_pinned, locked.get(pin, [])):
            raise NotPacked(f"{lock.name} does not lock {line}: make it anew")
    return locked, needed_by


def _names(comment: str) -> Iterator[str]:
    for part in comment.strip().removeprefix("via").split(","):
        yield from (_canonical(word) for word in part.split()[:1])


def _pinned(line: str) -> tuple[str, str]:
    found = PIN.match(line)
    if found is None:
        raise NotPacked(f"{line} pins no version")
    return _canonical(found[1]), found[2]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def _modules(name: str) -> Iterator[str]:
    """The modules of an installed distribution; of one that is not installed, none."""
    try:
        files: Iterable[Path] = [Path(file) for file in distribution(name).files or []]
    except PackageNotFoundError:
        return
    for file in files:
        if file.suffix in CODE:
            module = file.parent / file.name.partition(".")[0]
            yield ".".join(module.parent.parts if module.name == "__init__" else module.parts)


def main() -> None:
    """Write every zip to build/bundles, or say in one sentence why there is none."""
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
