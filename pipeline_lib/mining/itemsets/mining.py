"""Exact frequent itemsets of up to four products; no opinion on what is a good bundle."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.itemsets.baskets import Rows, encode
from pipeline_lib.mining.itemsets.found import SIZES, Ints, Itemsets, TooManyItemsets, in_order
from pipeline_lib.mining.itemsets.searching import Search

Said = Callable[[str, int], None]


def mine(  # noqa: PLR0913
    basket: NDArray[np.integer],
    item: NDArray[np.integer],
    *,
    min_orders: int,
    max_size: int = 3,
    max_itemsets: int = 50_000_000,
    threads: int = 2,
    said: Said | None = None,
) -> Itemsets:
    """Find every set of products that ``min_orders`` baskets or more hold, with its count.

    Each product in turn, rarest first, is taken as a set's rarest member: what else its
    baskets hold is counted, cut down to what is frequent, and the rest counted again (the
    occurrence deliver of LCM, Uno, Kiyomi & Arimura, FIMI 2004). A basket is never cut short:
    what is returned is exact, and too much is refused.

    Args:
        basket: the basket of each line; any integers, fastest when sorted.
        item: the product of each line; codes from 0 to 2^27 - 1, without great gaps. A product
            named twice in a basket counts once.
        min_orders: at least 1.
        max_size: the most products of a set, 1 to 4.
        max_itemsets: the most sets of two or more that may be returned.
        threads: how many counting loops run at once; the result does not depend on it.
        said: is told ``items``, ``pairs``, ``triples``, ``quadruples`` and how many of them
            are found so far; the numbers rise, in the same steps for the same input.

    Returns:
        Sets of size 1 to ``max_size``, each size present though it may be empty.

    Raises:
        TooManyItemsets: more are frequent than ``max_itemsets``.
    """
    if min_orders < 1 or not 1 <= max_size <= len(SIZES):
        raise ValueError(f"min_orders {min_orders}, max_size {max_size}")
    rows = encode(basket, item, min_orders=min_orders, threads=threads)
    tell = said or (lambda _what, _found: None)
    tell(SIZES[0], len(rows.codes))
    search = Search(rows, min_orders=min_orders, max_size=max_size, max_itemsets=max_itemsets)
    found = [[_singles(rows)], *([np.empty((0, size + 1), np.int32)] for size in (2, 3, 4))]
    for tables in search.tables(threads):
        if search.full.is_set():
            raise TooManyItemsets(min_orders=min_orders, max_itemsets=max_itemsets)
        for size, more in enumerate(tables, start=1):
            found[size].extend(more)
            tell(SIZES[size], sum(map(len, found[size])))
    ordered = [in_order(found[size], rows.codes) for size in range(max_size)]
    return Itemsets(rows.orders, *zip(*ordered, strict=True))


def _singles(rows: Rows) -> Ints:
    return np.stack([rows.support, np.arange(len(rows.codes), dtype=np.int32)], axis=1)
