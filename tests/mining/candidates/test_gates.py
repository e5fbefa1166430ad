import polars as pl
import pytest

from pipeline_lib.mining.candidates.gates import down_the_ladder, name_rungs


def found(*, relaxed, rare, packs=0):
    """Pairs of one shop: some in 30 of 1,000 orders, some in 3, and packs."""
    rows = [(n, n + 1_000, 30, "FBT", "co_purchase") for n in range(relaxed)]
    rows += [(n, n + 2_000, 3, "FBT", "co_purchase") for n in range(rare)]
    rows += [(n, n, 3, "VOLUME", "quantity") for n in range(packs)]
    return pl.DataFrame(
        [
            {
                "items": sorted({left, right}),
                "orders_together": together,
                "orders_total": 1_000,
                "confidence": 0.25,
                "bundle_type": kind,
                "source": source,
                "rung": "pair_count",
            }
            for left, right, together, kind, source in rows
        ]
    )


def kept(candidates, *, min_support=0.02, min_confidence=0.18):
    named = name_rungs(candidates, min_support=min_support, min_confidence=min_confidence)
    return down_the_ladder(named)


def test_where_relaxed_evidence_is_enough_no_weaker_is_looked_at():
    assert kept(found(relaxed=150, rare=40, packs=3))["rung"].value_counts().rows() in (
        [("relaxed", 150), ("pair_count", 3)],
        [("pair_count", 3), ("relaxed", 150)],
    )


def test_where_it_is_not_the_ladder_goes_on_down():
    assert len(kept(found(relaxed=60, rare=40))) == 100


@pytest.mark.parametrize(
    ("bounds", "left"),
    [({}, 150), ({"min_support": 0.001}, 190)],
)
def test_other_bounds_find_other_candidates(bounds, left):
    assert len(kept(found(relaxed=150, rare=40), **bounds)) == left
