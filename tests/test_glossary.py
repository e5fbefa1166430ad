import re
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| ([a-z ]+) \| (.+) \|$", re.MULTILINE)
TEXT = (ROOT / "docs/glossary.md").read_text()
WORDS = [word for word, _ in ROW.findall(TEXT) if word != "word"]


def test_the_words_stand_in_the_order_of_the_alphabet():
    in_order = sorted(set(WORDS))

    assert in_order == WORDS


def test_the_code_still_uses_each_word():
    files = chain((ROOT / "pipeline_lib").rglob("*.py"), (ROOT / "pipeline_lib").rglob("*.json"))
    code = "\n".join(file.read_text().lower() for file in files)

    unused = [word for word in WORDS if not re.search(word.replace(" ", "[ _]?"), code)]

    assert unused == []
