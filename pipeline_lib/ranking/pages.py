"""The pages that sets of products are shown on, from candidates and catalogue; no gain."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking.gain import PAGES, Pages, Rows

HARDLY_SOLD = 0.5  # units a month of what sold none: cover stays a number


def pages_of(sets: pl.DataFrame, catalog: pl.DataFrame) -> Pages:
    """Lay out what the gain of each set rests on.

    Args:
        sets: ``items``, ``quantities`` and ``demand`` of ``Candidates``; a set without demand is
            shown nowhere.
        catalog: columns ``PlainCatalog``, by item.
    """
    known = catalog.sort("item")
    price = known["price_minor"].to_numpy().astype(np.float64)
    margin, cover = margin_shares(known), months_of_cover(known)
    items, units = padded(sets["items"]), padded(sets["quantities"])
    pack = np.array(sets["items"].list.len().to_numpy() == 1)
    pages: list[Pages] = []
    for page in range(PAGES):
        added = _added(units, pack, page)
        value = np.where(added > 0, price[items] * added, 0.0)
        whole = value.sum(axis=1)
        kept = np.where(added > 0, value * margin[items], 0.0).sum(axis=1)
        months = np.where(added > 0, np.nan_to_num(cover[items], nan=np.inf), np.inf).min(axis=1)
        orders, attach, seen = (_of_page(sets, page, name) for name in ("orders", "attach", "seen"))
        share = kept / np.maximum(whole, 1e-9)
        lasts = np.where(np.isinf(months), np.nan, months)
        pages.append(Pages(orders, attach, seen, whole, share, lasts))
    names = Pages.__dataclass_fields__
    return Pages(**{name: np.stack([getattr(one, name) for one in pages], 1) for name in names})


def _added(units: Rows, pack: NDArray[np.bool_], page: int) -> Rows:
    """(n, places) what the buyer of the page's product adds: the others, or the rest of a pack."""
    added = units.copy()
    if page < units.shape[1]:
        added[:, page] = np.where(pack, added[:, page] - 1, 0)
    return added


def padded(lists: pl.Series) -> NDArray[np.int64]:
    """(n, most) the lists as rows, filled up with zeros."""
    width = max(int(lists.list.len().max() or 1), 1)  # type: ignore[arg-type]
    places = [lists.list.get(at, null_on_oob=True).fill_null(0) for at in range(width)]
    return np.stack([place.to_numpy().astype(np.int64) for place in places], axis=1)


def _of_page(sets: pl.DataFrame, page: int, name: str) -> Floats:
    seen = sets["demand"].list.get(page, null_on_oob=True).struct.field(name)
    return seen.fill_null(0.0).to_numpy().astype(np.float64)


def margin_shares(catalog: pl.DataFrame) -> Floats:
    """By product, the share of its price that is left after cost; NaN where the cost is unknown.

    A cost of 0 is unknown.
    """
    price = catalog["price_minor"].to_numpy().astype(np.float64)
    cost = catalog["cost_minor"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.where(cost > 0, 1 - cost / np.maximum(price, 1.0), np.nan)


def months_of_cover(catalog: pl.DataFrame) -> Floats:
    """By product, how many months its stock lasts at the pace of the last; NaN where unknown."""
    stock = catalog["stock"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    pace = np.maximum(catalog["month_units"].to_numpy().astype(np.float64), HARDLY_SOLD)
    return np.asarray(np.maximum(stock, 0.0) / pace)
