"""Packs what each function imports into the zip that Terraform deploys; it deploys nothing.

Equal sources give equal bytes on every machine, because a zip is named by its content.
"""

import io
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dev.packaging.imports import OWN, NotPacked, Repository, provider

ROOT = Path(__file__).resolve().parents[2]
LOCK = "requirements.txt"
TOOLS = {"build", "dev", "bench", "bench-compiled", "emulate"}  # extras that no function needs
GATEWAY = f"{OWN}.runtime.gateway"  # answers calls
DELIVERY = f"{OWN}.runs.delivery"  # runs a phase once
S3_LANDING = f"{OWN}.runtime.s3_landing"  # reads files in S3
OPTIONAL = {"fastapi": "python-multipart"}  # loaded for routes with forms, and no requirement of it
CODE = {".py", ".so", ".pyd"}
HASH = " --hash="


@dataclass(frozen=True)
class Locked:
    """A distribution as the lock has it: its requirements with their hashes, and who asks for it.

    There is more than one requirement where versions differ by platform or by Python.
    """

    requirements: list[str] = field(default_factory=list)
    asked_by: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Project:
    """A repository and what it says of distributions; names are lower-case with dashes.

    ``received`` holds the modules that the receiver loads for a function, ``providers`` which
    declared distribution a module comes from.
    """

    sources: Repository
    received: Mapping[str, list[str]]
    providers: Mapping[str, str]
    lock: Mapping[str, Locked]


def zips(root: Path) -> dict[str, bytes]:
    """The zip of every row of the topology, by the row's name.

    Raises:
        NotPacked: something that a function loads cannot be told from its sources.
    """
    project = read_project(root)
    return {name: zipped(contents(project, name)) for name in project.received}


def contents(project: Project, phase: str) -> dict[str, bytes]:
    """What a function's zip holds, by name: its main.py on top, sources, data, requirements."""
    root = project.sources.root
    entry = root / "functions" / phase / "main.py"
    needs = project.sources.closure(entry, received=project.received[phase])
    lines = requirements(project.lock, distributions(project, needs.foreign))
    return {
        "main.py": entry.read_bytes(),
        LOCK: "".join(f"{line}\n" for line in lines).encode(),
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
    """The declared distributions that the modules come from.

    Raises:
        NotPacked: one comes from none of them.
    """
    found = {module: provider(module, project.providers) for module in foreign}
    for module, name in sorted(found.items()):
        if name is None:
            raise NotPacked(
                f"{foreign[module]} imports {module}, which nothing declared and installed provides"
            )
    return {name for name in found.values() if name is not None}


def requirements(lock: Mapping[str, Locked], used: set[str]) -> list[str]:
    """The locked requirements of ``used`` and of all that they need in turn, sorted."""
    needed = used | {OPTIONAL[name] for name in used & OPTIONAL.keys()}
    before = set[str]()
    while needed != before:
        before = set(needed)
        needed |= {name for name, locked in lock.items() if locked.asked_by & needed}
    return sorted(line for name in needed for line in lock[name].requirements)


def read_project(root: Path) -> Project:
    """What pyproject.toml, the lock and the installed distributions say.

    Raises:
        NotPacked: the lock lacks a dependency, or has a version that pyproject.toml excludes.
    """
    told = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    rows = json.loads((root / OWN / "topology.json").read_text("utf-8"))["phases"]
    extras = told["project"].get("optional-dependencies", {})
    groups = [told["project"]["dependencies"], *(extras[name] for name in {*extras} - TOOLS)]
    declared = [Requirement(line) for group in groups for line in group]
    lock = read_lock((root / LOCK).read_text("utf-8"))
    for requirement in declared:
        _refuse_stale(requirement, lock)
    names = sorted(canonicalize_name(requirement.name) for requirement in declared)
    patterns = told["tool"]["setuptools"]["package-data"][OWN]
    return Project(
        sources=Repository(root, tuple(pattern.removeprefix("**/") for pattern in patterns)),
        received={row["name"]: received(row) for row in rows},
        providers={module: name for name in names for module in _modules(name)},
        lock=lock,
    )


def received(row: Mapping[str, Any]) -> list[str]:
    """The modules that the receiver loads for the function of the topology's row."""
    if row["wakes_on"] == "http":
        return [GATEWAY]
    phase = f"{OWN}.phases.{row['name']}"
    if row["role"] == "service":
        return [phase]
    return [phase, DELIVERY, *([S3_LANDING] if row["secrets_elsewhere"] else [])]


def read_lock(text: str) -> dict[str, Locked]:
    """Each distribution of a lock as ``uv pip compile --generate-hashes`` writes it.

    A comment below a requirement says ``via`` whom it came.

    Raises:
        NotPacked: a requirement has no hash.
    """
    lock: dict[str, Locked] = {}
    name = ""
    for line in text.replace("\\\n", " ").splitlines():
        requirement, _, comment = line.partition("#")
        if requirement.strip():
            pinned, *hashes = (part.strip() for part in requirement.split(HASH))
            if not hashes:
                raise NotPacked(f"{LOCK} has no hash of {pinned}: run make lock")
            name = canonicalize_name(Requirement(pinned).name)
            whole = f" \\\n   {HASH}".join([pinned, *hashes])
            lock.setdefault(name, Locked()).requirements.append(whole)
        if name:
            lock[name].asked_by.update(_names(comment))
    return lock


def _refuse_stale(declared: Requirement, lock: Mapping[str, Locked]) -> None:
    locked = lock.get(canonicalize_name(declared.name), Locked()).requirements
    versions = [
        clause.version
        for line in locked
        for clause in Requirement(line.partition(HASH)[0].rstrip(" \\\n")).specifier
    ]
    if not versions or not all(map(declared.specifier.contains, versions)):
        raise NotPacked(f"{LOCK} does not lock {declared}: run make lock")


def _names(comment: str) -> Iterator[str]:
    for part in comment.strip().removeprefix("via").split(","):
        yield from (canonicalize_name(word.partition("[")[0]) for word in part.split()[:1])


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
