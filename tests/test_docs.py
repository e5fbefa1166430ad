"""What the documents name is there: links, paths, commands, endpoints, requirements."""

import re
from pathlib import Path

import pytest

from pipeline_lib.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [
        *(file for file in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if file.exists()),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
LIVING = [file for file in DOCUMENTS if file.parent.name != "decisions"]  # a decision stays as told
TREES = "tests|docs|infra|pipeline_lib|functions|dev"
AN_EXAMPLE = re.compile(r"translate|\.tfvars|[<…]")  # a name that stands for one of yours


def name_of(file):
    return str(file.relative_to(ROOT))


def prose(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def code(text):
    """The lines of code blocks, continued ones joined, and the code spans."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", prose(text))
    return [*"".join(blocks).replace("\\\n", " ").splitlines(), *spans]


def anchors(text):
    """The anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def links(text):
    return [
        link
        for link in re.findall(r"\]\(([^)\s]+)\)", prose(text))
        if not re.match(r"[a-z]+:", link)
    ]


def leads_somewhere(file, link):
    path, _, anchor = link.partition("#")
    target = file.parent / path if path else file
    return target.exists() and (not anchor or anchor in anchors(target.read_text()))


def calls(lines):
    """The calls that the lines name: a method, where it is told, and a path without a query."""
    method = r"(?:\b(GET|POST|PUT|PATCH|DELETE)\b[`\", ]*)?"
    path = r"(?<![\w.])(/(?:api|console)(?![\w.])[^\s`\"?|,;)]*)"
    text = "\n".join(re.sub(r"\$\{[^`]*?\}", "{id}", line) for line in lines)
    found = re.findall(f"{method}{path}", text.replace("$API", " "))
    return {(method, path) for method, path in found if "…" not in path}


def is_served(method, path):
    """Whether the interface lists the call; a test of its own holds that list to what is served."""
    text = (ROOT / "docs/endpoints.md").read_text()
    rows = re.findall(r"^\| (\w+) `(\S+)` \|", text, flags=re.MULTILINE)
    return any(
        method in {"", known} and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path)
        for known, pattern in rows
    )


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(file):
    text = file.read_text()

    assert [link for link in links(text) if not leads_somewhere(file, link)] == []


@pytest.mark.parametrize("file", LIVING, ids=name_of)
def test_every_path_that_is_named_is_there(file):
    named = {
        path
        for line in code(file.read_text())
        for path in re.findall(rf"(?<![\w./$-])(?:{TREES})/[\w./<>…-]*", line)
        if not AN_EXAMPLE.search(path)
    }

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_room_that_keeps_a_requirement_is_there():
    places = [place for _, _, place in requirements()]
    rooms = {room for place in places for room in re.findall(r"`([a-z_]+)/`", place)}

    at = (ROOT, ROOT / "pipeline_lib")
    assert {room for room in rooms if not any((base / room).is_dir() for base in at)} == set()


@pytest.mark.parametrize("file", LIVING, ids=name_of)
def test_every_command_that_is_named_is_one(file, capsys):
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    lines = code(file.read_text())

    made = {one for line in lines for one in re.findall(r"(?:^|[;&] ?)make ([\w-]+)", line)}
    assert made - set(targets) == set()
    for line in lines:
        for command, rest in re.findall(r"(?:^|/)bundles ([a-z]+)\b(.*)", line):
            with pytest.raises(SystemExit) as ended:
                main([command, "--help"])
            assert ended.value.code == 0, line
            told = capsys.readouterr().out
            assert {one for one in re.findall(r"--[\w-]+", rest) if one not in told} == set(), line


@pytest.mark.parametrize("file", LIVING, ids=name_of)
def test_every_call_that_is_named_is_served(file):
    text = file.read_text()
    if file.stem == "requirements":  # what was asked may not be there; what keeps it is
        text = "\n".join(place for _, _, place in requirements())

    assert {call for call in calls(code(text)) if not is_served(*call)} == set()


def test_every_requirement_has_its_row():
    numbers = [number for number, _, _ in requirements()]
    contradictions = re.findall(
        r"^\| (\d+) \|(?:[^|]+\|){4}$",
        (ROOT / "docs/requirements.md").read_text(),
        flags=re.MULTILINE,
    )

    every = sorted([*numbers, *map(int, contradictions)])
    assert every == [*range(1, 368), *range(376, 400)]


def requirements():
    """Number, what is asked, and where it is kept; contradictions have other columns."""
    text = (ROOT / "docs/requirements.md").read_text()
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", text, flags=re.MULTILINE)
    return [(int(number), asked, place) for number, asked, place in rows]
