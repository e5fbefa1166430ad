"""A title, a tagline and a description for each bundle from templates; no model, no claims."""

import re
from collections.abc import Sequence
from typing import NamedTuple

TITLE_CHARACTERS = 80
WORD_PART = r"(?<=\d)'[^\W\d_]+|[^\W\d_]+('[^\W\d_]+)?"  # the ending of "50's" is one of its own
SMALL_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with")
)

TAGLINES = {
    "increase_aov": ("Better together", "They go well together", "One goes with the other"),
    "clear_slow_movers": ("A favourite, and a find", "Something known, something to discover"),
    "seasonal_promo": ("For this time of year", "The season in one basket"),
    "new_launch": ("New, with an old friend", "Try what is new"),
    "category_bundle": ("A little collection", "The set, in one go"),
    "gift_box": ("Ready to give", "A gift, chosen already"),
    "subscription_push": ("Stock up on what you use", "What you come back for"),
    "margin_guard": ("A good pair", "Chosen with care"),
}

TYPE_TITLES = {
    "FBT": "{names}",
    "BOGO": "{first}, with {rest} for less",
    "MIX": "Mix & match: {names}",
    "VOLUME": "{first}, pack of {units}",
}


NUMBERS = {2: "two", 3: "three", 4: "four"}


class Copy(NamedTuple):
    """What a shopper reads; ``source`` says who wrote it."""

    title: str
    tagline: str
    description: str
    source: str


def write_copy(  # noqa: PLR0913 - all are said by name
    *,
    names: Sequence[str],
    units: Sequence[int],
    bundle_type: str,
    objective: str,
    cheaper: bool,
    key: str,
) -> Copy:
    """Word one bundle, the same for the same bundle.

    Args:
        names: the products as the catalogue writes them, the anchor first.
        units: how many of each.
        bundle_type: one of FBT, VOLUME, BOGO, MIX.
        objective: one of OBJECTIVES.
        cheaper: whether it costs less than its products one by one; else no word says so.
        key: the bundle's identity in hexadecimal, which chooses among equal templates.
    """
    shown = [readable(name) for name in names]
    choices = TAGLINES[objective]
    tagline = choices[int(key[:8], 16) % len(choices)]
    titled = "FBT" if bundle_type == "BOGO" and not cheaper else bundle_type
    title = TYPE_TITLES[titled].format(
        names=joined(shown), first=shown[0], rest=joined(shown[1:]), units=units[0]
    )
    return Copy(
        _shortened(title), tagline, _description(shown, units, titled, cheaper=cheaper), "template"
    )


def readable(name: str) -> str:
    """The name as a person writes it: single spaces, and no shouting."""
    words = " ".join(name.split()).strip(" ,.;-")
    if words != words.upper():
        return words
    return " ".join(_lowered(word, first=place == 0) for place, word in enumerate(words.split(" ")))


def joined(names: Sequence[str]) -> str:
    """The names as a list in a sentence: ``a``, ``a & b``, ``a, b & c``."""
    if len(names) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(names)
    return f"{', '.join(names[:-1])} & {names[-1]}"


def _lowered(word: str, *, first: bool) -> str:
    if word.lower() in SMALL_WORDS and not first:
        return word.lower()
    return re.sub(WORD_PART, lambda part: part.group().capitalize(), word)


def _description(
    shown: Sequence[str], units: Sequence[int], bundle_type: str, *, cheaper: bool
) -> str:
    better = ", for less than one by one" if cheaper else ""
    if bundle_type == "VOLUME":
        return f"{units[0]} of {shown[0]} in one pack{better}."
    if bundle_type == "BOGO":
        return f"Take {shown[0]} and get {joined(shown[1:])} for less."
    if bundle_type == "MIX":
        kind = f"{_count(len(shown))} of a kind, from the simple to the special"
        return f"{joined(shown)}: {kind}{better}."
    return f"{joined(shown)}, together{better}."


def _count(number: int) -> str:
    return NUMBERS.get(number, str(number))


def _shortened(title: str) -> str:
    if len(title) <= TITLE_CHARACTERS:
        return title
    return title[: TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip(" ,&") + "…"
