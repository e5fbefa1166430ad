"""Which products are of one line: the same kind of thing in other colours, sizes or patterns.

Titles mix words that say what a thing is ("lunch", "bag") with words of a collection that runs
through many kinds ("retrospot", "spaceboy"). Things of one kind cost about the same, things of one
collection do not; so a word weighs by how closely it fixes the price in the shop's own catalogue.
"""

import re
from collections import defaultdict
from math import log

import numpy as np
import polars as pl

from pipeline_lib.mining.measures import Floats

WORD, LETTERS = re.compile(r"[^\W\d_]{2,}"), re.compile(r"[^\W\d_]+")
LOOKS = (  # words that tell how a thing looks or is packed, not what it is
    "of the and with in on for to by an de la le et mit und aus set pack box pcs pc piece assorted"
    " red blue green pink black white ivory cream yellow purple orange grey gray brown silver gold"
    " navy turquoise lilac small medium large mini midi maxi big giant tall short xs xl xxl design"
    " ml cm mm kg charcoal oat size"
)
EMPTY = frozenset(LOOKS.split(" "))
SHRINK = 8.0  # titles that a word's closeness of price is shrunk to none by
LINE = 0.30  # share of common meaning from which on two titles are of one line
PRICE_RATIO = 1.25  # of two prices, at which their titles' likeness loses a fifth
FAR, NEAR = 0.6, 0.4  # what of a likeness stays at any price, and what the price decides
ONCE = 0.12  # weight of a word that one title has: a pattern, or a thing of its own
EVERY = 0.05  # weight of a word that says nothing of the price
SHORT, SHORTER = 4, 3  # letters that a word has before a plural is taken off it


def stem(word: str) -> str:
    """A plural as its singular; no more, so that any language survives it."""
    if len(word) > SHORT and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > SHORTER and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def terms(title: str) -> frozenset[str]:
    """The words that may say what a thing is: no colours, sizes or numbers."""
    words = (stem(word) for word in WORD.findall(title.lower().replace("'s", "")))
    return frozenset(words) - EMPTY


class Lines:
    """Tells of any two products of a catalogue whether they are of one line, or are variants.

    Args:
        catalog: columns ``PlainCatalog``, by item; ``own_type``, where it is there, is
            the type that the shop itself wrote (a guessed one would part what belongs together).
    """

    def __init__(self, catalog: pl.DataFrame) -> None:
        named = pl.when(pl.col("title") != pl.col("sku")).then("title")  # else it has no name
        titles = catalog.select(named.fill_null("")).to_series().to_list()
        none = pl.lit(None, dtype=pl.String).alias("own_type")
        typed = catalog if "own_type" in catalog.columns else catalog.with_columns(none)
        self._types = [kind or None for kind in typed["own_type"].to_list()]
        self._products = [key or None for key in catalog["product_key"].to_list()]
        self._titles = [" ".join(LETTERS.findall(title.lower())) for title in titles]
        self._terms = [terms(title) for title in titles]
        price = catalog["price_minor"].to_numpy().astype(np.float64)
        self._log_price = np.log(np.maximum(price, 1.0))
        self._weight = _weights(self._terms, self._log_price)
        self._whole = [sum(self._weight[term] for term in held) for held in self._terms]

    def are_variants(self, one: int, other: int) -> bool:
        """Whether the shop says so, or their titles are the same but for numbers."""
        product, title = self._products[one], self._titles[one]
        if product is not None and product == self._products[other]:
            return True
        return bool(title) and title == self._titles[other]

    def are_of_one_line(self, one: int, other: int) -> bool:
        """Whether they are variants, or alike enough and of no two types that the shop tells."""
        types = self._types[one], self._types[other]
        apart = None not in types and types[0] != types[1]
        alike = not apart and self.likeness(one, other) >= LINE
        return alike or self.are_variants(one, other)

    def likeness(self, one: int, other: int) -> float:
        """The share of meaning that two titles have in common, less where prices differ; 0 to 1.

        Half by all words of both, half by those of the title that says less: "jumbo bag" is of
        the line of "jumbo bag vintage leaf".
        """
        shared = self._terms[one] & self._terms[other]
        common = sum(self._weight[term] for term in sorted(shared))
        if not common:
            return 0.0
        left, right = self._whole[one], self._whole[other]
        share = (common / (left + right - common) + common / max(min(left, right), 1e-9)) / 2
        apart = abs(self._log_price[one] - self._log_price[other]) / log(PRICE_RATIO)
        return float(share * (FAR + NEAR / (1 + apart * apart)))


def _weights(held: list[frozenset[str]], log_price: Floats) -> dict[str, float]:
    """What each word weighs: how rare it is, and how much less prices spread among its titles."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(held):
        for word in words:
            places[word].append(at)
    usual = float(np.median(np.abs(log_price - np.median(log_price)))) if len(held) else 0.0
    return {
        word: _weight(log_price[at], total=len(held), spread=usual or 1.0)
        for word, at in places.items()
    }


def _weight(log_price: Floats, *, total: int, spread: float) -> float:
    count = len(log_price)
    if count == 1:
        return ONCE * log(total)
    within = float(np.mean(np.abs(log_price - np.median(log_price))))
    close = max(0.0, 1 - within / spread) * count / (count + SHRINK)
    return (EVERY + close) * log(total / count)
