"""Every number in the evidence, counted anew from the raw file by pandas and the written rules."""

import io
from collections import Counter

import pandas as pd
import pytest

from pipeline_lib import reports
from tests import planted
from tests.chain.test_missing_columns import run_chain
from tests.shops import ABSENT, SHARED, exports, two_weeks

GENUINE = r"\d{5}[A-Za-z]{0,2}"
NO_PRODUCT = r"(?i)tip|.*gift (?:card|voucher).*|next day carriage|high resolution image"
MOST_LINES = 200  # of an order; later ones are a reseller's


def kept_lines(orders, products, *, genuine=None):
    """The sales of products, a row a line: order, SKU, quantity."""
    raw = pd.read_csv(io.BytesIO(orders), dtype=str, keep_default_na=False)
    head = raw.groupby("Name", sort=False).first()
    status = head["Financial Status"]
    total, back = (pd.to_numeric(head[c], errors="coerce") for c in ("Total", "Refunded Amount"))
    gone = (head["Cancelled at"] != "") | status.isin(["voided", "refunded"])
    gone |= (total > 0) & (back >= total)
    gone |= head["Tags"].str.fullmatch("test") | head["Payment Method"].str.fullmatch("bogus")
    lines = raw[~raw["Name"].isin(head.index[gone])]
    lines = lines[pd.to_numeric(lines["Lineitem price"]) > 0]
    lines = lines[pd.to_numeric(lines["Lineitem quantity"]) > 0]
    lines = lines[~lines["Lineitem name"].str.fullmatch(NO_PRODUCT)]
    if genuine is not None:
        lines = lines[lines["Lineitem sku"].str.fullmatch(genuine)]
    lines = lines[lines.groupby("Name").cumcount() < MOST_LINES]
    sku = lines["Lineitem sku"].str.strip().str.upper()
    kept = pd.DataFrame(
        {"order": lines["Name"], "sku": sku, "units": lines["Lineitem quantity"].astype(int)}
    )
    return kept[kept["sku"].isin(active_skus(products))]


def active_skus(products):
    listed = pd.read_csv(io.BytesIO(products), dtype=str, keep_default_na=False)
    sku = "SKU" if "SKU" in listed else "Variant SKU"
    active = listed["Status"].str.lower().isin(["active", ""])
    return set(listed[sku][active].str.strip().str.upper())


def recount(lines, recommendation):
    """Together, each, total, expected and lift of the products of one recommendation."""
    units = lines.groupby(["sku", "order"])["units"].sum()
    skus = [product.sku.upper() for product in recommendation.products]
    orders = [set(lines["order"][lines["sku"] == sku]) for sku in skus]
    total = lines["order"].nunique()
    each = [len(held) for held in orders]
    if recommendation.bundle_type == "VOLUME":
        pack = recommendation.products[0].quantity
        return int((units[skus[0]] >= pack).sum()), each, total, None, None
    together = len(set.intersection(*orders))
    expected = float(total)
    for held in each:
        expected *= held / total
    return together, each, total, expected, together / expected if expected else None


def check(stores, files, *, genuine=None):
    upload = run_chain(stores, files)
    assert upload.status == "completed"
    found = planted.kept(stores).json(reports.RECOMMENDATIONS)
    lines = kept_lines(files["orders"], files["products"], genuine=genuine)

    for one in found:
        evidence = one.evidence
        together, each, total, expected, lift = recount(lines, one)
        assert evidence.orders_together == together
        assert evidence.orders_each == tuple(each)
        assert evidence.orders_total == total
        for stated, counted in ((evidence.expected_together, expected), (evidence.lift, lift)):
            assert stated == (None if counted is None else pytest.approx(counted, rel=1e-9))
    assert len(Counter(one.evidence.orders_total for one in found)) == 1


@pytest.mark.slow
def test_the_sample_shop_s_evidence_is_what_pandas_counts(stores):
    check(stores, exports())


@pytest.mark.skipif(not SHARED.is_dir(), reason=ABSENT)
def test_two_weeks_evidence_is_what_pandas_counts(stores):
    files = {"orders": two_weeks(), "products": (SHARED / "products_export.csv").read_bytes()}

    check(stores, files, genuine=GENUINE)
