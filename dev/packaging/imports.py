"""Finds what a source file imports, by reading it; it imports and runs none of it.

What cannot be found by reading (an import by name, a file by path) is refused, but for the one
module that loads what the topology names.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

OWN = "pipeline_lib"
UNSEEN = {"__import__", "import_module", "__file__"}
RECEIVER = Path(OWN, "runtime", "receiver.py")  # imports by name what the topology says


class NotPacked(Exception):
    """A function cannot be packed as it stands; the text says why in one sentence."""


@dataclass
class Needs:
    """What a file needs beside itself: files of the repository, and modules of others.

    ``foreign`` tells of each module which file imports it. A name imported from a module may be
    a module itself, so it is part of the module's name here.
    """

    files: set[Path] = field(default_factory=set)
    foreign: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Repository:
    """The sources under ``root``, where data are the files that match ``data_patterns``."""

    root: Path
    data_patterns: tuple[str, ...]

    def closure(self, entry: Path, *, received: Sequence[str] = ()) -> Needs:
        """What ``entry`` needs, and what that needs in turn; ``entry`` is one of the files.

        ``received`` are the modules that the receiver loads for it.
        """
        waiting, all_of_it = {entry}, Needs()
        while waiting:
            file = waiting.pop()
            all_of_it.files.add(file)
            needs = self.needs(file) if file.suffix == ".py" else Needs()
            if self._said(file) == RECEIVER:
                for module in received:
                    self._add(needs, file, module, [])
            waiting |= needs.files - all_of_it.files
            all_of_it.foreign = needs.foreign | all_of_it.foreign
        return all_of_it

    def needs(self, file: Path) -> Needs:
        """What the module in ``file`` imports, at once or in a function, and the data it reads.

        Raises:
            NotPacked: it loads something that reading it cannot tell.
        """
        needs = Needs()
        for node in executed(ast.parse(file.read_bytes(), str(file))):
            match node:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        self._add(needs, file, alias.name, [])
                case ast.ImportFrom(names=aliases):
                    base = _absolute(node, self._package(file))
                    self._add(needs, file, base, [alias.name for alias in aliases])
                case ast.Call(func=ast.Name(id="files"), args=[asked]):
                    needs.files |= self._data(asked, file)
            name = _name(node)
            if name in UNSEEN and (self._said(file), name) != (RECEIVER, "import_module"):
                raise NotPacked(f"{self._said(file)} uses {name}, which cannot be followed")
        return needs

    def _add(self, needs: Needs, file: Path, base: str, names: list[str]) -> None:
        top = base.partition(".")[0]
        if top == OWN:
            found = {module: self._source(module) for module in _prefixes(base)}
            for module, source in found.items():
                if source is None:
                    raise NotPacked(f"{self._said(file)} imports {module}, which is not there")
                needs.files.add(source)
            inner = (self._source(f"{base}.{name}") for name in names)
            needs.files |= {source for source in inner if source is not None}
        elif top not in sys.stdlib_module_names:
            modules = [f"{base}.{name}" for name in names] or [base]
            needs.foreign |= dict.fromkeys(modules, self._said(file))

    def _source(self, module: str) -> Path | None:
        path = self.root.joinpath(*module.split("."))
        places = (path / "__init__.py", path.with_name(f"{path.name}.py"))
        return next((place for place in places if place.is_file()), None)

    def _data(self, asked: ast.expr, file: Path) -> set[Path]:
        """The data beside the package whose files ``importlib.resources`` is asked for."""
        match asked:
            case ast.Name(id="__package__"):
                package = self._package(file)
            case ast.Constant(value=str(named)):
                package = named
            case _:
                call = f"files({ast.unparse(asked)})"
                raise NotPacked(f"{self._said(file)} asks for {call}, which names no package")
        folder = self.root.joinpath(*package.split("."))
        return {path for pattern in self.data_patterns for path in folder.glob(pattern)}

    def _package(self, file: Path) -> str:
        return ".".join(self._said(file).parent.parts)

    def _said(self, file: Path) -> Path:
        return file.relative_to(self.root)


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, but for what only a type checker reads."""
    yield node
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            below: Iterable[ast.AST] = node.orelse
        case _:
            below = ast.iter_child_nodes(node)
    for child in below:
        yield from executed(child)


def provider(module: str, providers: Mapping[str, str]) -> str | None:
    """The distribution that a module comes from, by the longest part of its name that tells.

    ``google.cloud`` alone does not: several distributions share it, and none owns it.
    """
    known = [providers[name] for name in _prefixes(module) if name in providers]
    return known[-1] if known else None


def _prefixes(module: str) -> Iterator[str]:
    return accumulate(module.split("."), "{}.{}".format)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return str(node.module)
    above = package.split(".")[: package.count(".") + 2 - node.level]
    return ".".join([*above, *filter(None, [node.module])])


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
    return None
