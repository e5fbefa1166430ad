"""What a shop's files can promise and what not, and why; one answer for before and for a run."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.exports import HygieneRules, apply_catalogue_rules
from pipeline_lib.mining.baskets import CodedShop, encode_shop
from pipeline_lib.reports import Readiness, Unlisted

SEEN = 5  # orders that make a pair more than a coincidence
FEW_PAIRS = 20  # fewer pairs than this give no choice between bundles
FEW_ORDERS = 200  # orders of two products; fewer cannot be split to test on later ones
MOSTLY = 0.9  # below this share of matched lines, bundles lack stock and cost too often
MOST_PAIRS = 4_000_000  # pair instances that are counted at most: 100 MB and a second
TWO = 2  # products that a bundle holds at least
NAMED = 10  # products without a listing that are told by name


@dataclass(frozen=True)
class PreparedShop:
    """What a run works on, and what the rules that need the products file took."""

    shop: CodedShop
    taken: dict[str, int]
    readiness: Readiness


def prepare_shop(
    lines: pl.DataFrame, products: pl.DataFrame, stock: pl.DataFrame, *, rules: HygieneRules
) -> PreparedShop:
    """Code the lines that are sales of what the shop still sells, and say what they can promise.

    Args:
        lines: kept lines, columns ``OrderLines``.
        products: columns ``Products``; may be empty.
        stock: columns ``StockLevels``; may be empty.
        rules: those that are on.
    """
    sold, taken = apply_catalogue_rules(lines, products, rules=rules)
    shop = encode_shop(sold, products, stock)
    return PreparedShop(shop, taken, assess_readiness(shop, lines, products))


def assess_readiness(shop: CodedShop, lines: pl.DataFrame, products: pl.DataFrame) -> Readiness:
    """Count what there is to learn from.

    Args:
        shop: what a run works on.
        lines: the kept lines that it was made of, columns ``OrderLines``.
        products: columns ``Products``; empty when no products file came.
    """
    sizes = shop.baskets.group_by("order").len()["len"]
    pairs, at_least = _pairs(shop.baskets)
    baskets = int((sizes > 1).sum())
    matched = _matched(lines, products)
    days = _days(shop.orders)
    obstacle = _obstacle(shop, lines, products)
    can, cannot = _promises(baskets, pairs, days, matched, at_least=at_least)
    return Readiness(
        orders=len(shop.orders),
        baskets=baskets,
        products=shop.baskets["item"].n_unique(),
        pairs=pairs,
        pairs_at_least=at_least,
        matched=matched,
        days=days,
        outcome=_outcome(baskets, pairs),
        can=() if obstacle else (*can, *_alike(shop.catalog, pairs)),
        cannot=(*([obstacle] if obstacle else []), *cannot),
        obstacle=obstacle,
        unlisted=_unlisted(lines, products),
    )


def _obstacle(shop: CodedShop, lines: pl.DataFrame, products: pl.DataFrame) -> str | None:
    """Why no bundle can be made of this shop, whatever was bought; None where one may be."""
    catalog = shop.catalog
    if catalog.is_empty():
        return _nothing_sellable(lines, products)
    if catalog["product_key"].n_unique() >= TWO:
        return None
    if len(catalog) >= TWO:
        return (
            f"All {len(catalog)} items are variants of one product, and a bundle needs two"
            " products; send a file with more of them"
        )
    return "There is one product only, and a bundle needs two; send a file with more products"


def _nothing_sellable(lines: pl.DataFrame, products: pl.DataFrame) -> str:
    """Why nothing of what was sold or listed can be offered."""
    if lines.is_empty() and products.is_empty():
        return "No product is in the files; send an orders or a products export"
    priced = int((lines["price_minor"] > 0).sum()) + int((products["price_minor"] > 0).sum())
    if not priced:
        return (
            "No product has a price, so no bundle can be priced; send a products export with"
            " prices, or orders with the price of each line"
        )
    return (
        "No product that has a price is active: all are drafts, archived or gift cards; make them"
        " active or send the products that the shop sells"
    )


def _unlisted(lines: pl.DataFrame, products: pl.DataFrame) -> tuple[Unlisted, ...]:
    """The products sold most that are in no products file, most lines first, then by name."""
    if products.is_empty() or lines.is_empty():
        return ()
    strange = lines.filter(~pl.col("sku").is_in(products["sku"].implode()))
    told = pl.when(pl.col("name").is_in(["", "unspecified"])).then("sku").otherwise("name")
    named = (
        strange.select("sku", name=told)
        .group_by("sku")
        .agg(pl.len().alias("lines"), pl.col("name").mode().sort().first())
        .sort("lines", "name", "sku", descending=[True, False, False])
        .head(NAMED)
    )
    return tuple(
        Unlisted(name=name, share=round(count / lines.height, 4))
        for count, name in named.select("lines", "name").rows()
    )


def _alike(catalog: pl.DataFrame, pairs: int) -> list[str]:
    if pairs:
        return []
    many = catalog["product_key"].n_unique()
    return [f"Bundles of products that are alike by their words: {many} products to choose from"]


def _matched(lines: pl.DataFrame, products: pl.DataFrame) -> float | None:
    if products.is_empty() or lines.is_empty():
        return None
    return int(lines["sku"].is_in(products["sku"].implode()).sum()) / lines.height


def _days(orders: pl.DataFrame) -> int | None:
    at = pl.col("ordered_at")
    days: int | None = orders.select((at.max() - at.min()).dt.total_days()).item()
    return days


def _pairs(baskets: pl.DataFrame) -> tuple[int, bool]:
    """Pairs seen in SEEN orders or more, and whether orders were left out to keep it quick."""
    sold = baskets.filter(pl.len().over("item") >= SEEN).sort("order", "item")
    codes = sold.select(
        pl.col("order").rank("dense").cast(pl.Int64) - 1, pl.col("item").cast(pl.Int64)
    )
    order, item = codes["order"].to_numpy(), codes["item"].to_numpy()
    size = np.bincount(order) if len(order) else np.zeros(0, dtype=np.int64)
    stride = 1 + int((size * (size - 1) // 2).sum()) // MOST_PAIRS
    counted = order % stride == 0
    keys = _pair_keys(order[counted], item[counted])
    _, counts = np.unique(keys, return_counts=True)
    return int((counts >= SEEN).sum()), stride > 1


def _pair_keys(order: NDArray[np.int64], item: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number per pair of an order's items; both sorted by order, then item."""
    width = int(item.max()) + 1 if len(item) else 1
    keys = [np.zeros(0, dtype=np.int64)]
    lag = 1
    while lag < len(order) and (same := order[lag:] == order[:-lag]).any():
        keys.append(item[:-lag][same] * width + item[lag:][same])
        lag += 1
    return np.concatenate(keys)


def _outcome(baskets: int, pairs: int) -> str:
    if not pairs:
        return "too_little_evidence"
    return "ready" if pairs >= FEW_PAIRS and baskets >= FEW_ORDERS else "thin"


def _promises(
    baskets: int, pairs: int, days: int | None, matched: float | None, *, at_least: bool
) -> tuple[list[str], list[str]]:
    """What can be promised and what cannot, in the merchant's words."""
    can, cannot = [], []
    some = f"at least {pairs}" if at_least else f"{pairs}"
    if pairs:
        can.append(f"Bundles of products that were bought together: {some} pairs to choose from")
    else:
        cannot.append(f"Bundles of products bought together: no pair is in {SEEN} orders yet")
    if days is None:
        cannot.append("A test on later orders, and more weight for recent sales: no order dates")
    elif baskets < FEW_ORDERS or not pairs:
        cannot.append(f"A test on later orders: {baskets} orders hold two products or more")
    else:
        can.append(f"A test on later orders: {baskets} orders over {days} days")
    if matched is None:
        cannot.append("Stock, cost and product details in bundles: no products file")
    elif matched < MOSTLY:
        cannot.append(
            f"Stock and cost for every bundle: {matched:.0%} of lines are in the products file"
        )
    else:
        can.append(f"Stock and cost in bundles: {matched:.0%} of lines are in the products file")
    return can, cannot
