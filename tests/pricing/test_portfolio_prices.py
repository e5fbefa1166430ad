import polars as pl
import pytest

from pipeline_lib.frames import Candidates, PlainCatalog
from pipeline_lib.pricing.bundle_offers import Till, with_offers
from pipeline_lib.pricing.portfolio_prices import list_gain, with_prices
from pipeline_lib.ranking.response import Response

RESPONSE = Response()


def catalog(*rows):
    blank = dict.fromkeys(PlainCatalog.schema)
    counts = dict.fromkeys(("orders", "units", "month_orders", "month_units", "revenue_minor"), 0)
    rates = {"discount_rate": 0.0, "repeat_rate": 0.0}
    made = [
        {**blank, **counts, **rates, "item": n, "sku": f"S{n}", "written_sku": f"S{n}", **row}
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=PlainCatalog.schema)


def bundle(items, *, pages, kind="FBT", objective="increase_aov", units=None):
    demand = [{"orders": n, "attach": q, "seen": 100.0} for n, q in pages]
    return {
        **dict.fromkeys(Candidates.schema),
        "bundle_type": kind,
        "objective": objective,
        "items": list(items),
        "quantities": list(units or [1] * len(items)),
        "demand": demand,
        "confidence": pages[0][1],
        "series": False,
    }


def frame(*rows):
    return pl.DataFrame(list(rows), schema=Candidates.schema)


PRICES = [{"price_minor": 1000, "cost_minor": 500}, {"price_minor": 2000, "cost_minor": 900}]
PAIR = bundle((0, 1), pages=[(100.0, 0.2), (60.0, 0.3)])


def offered(*rows, products=PRICES, profile="gain"):
    shop = catalog(*products)
    till = Till("GBP", profile, RESPONSE)
    return with_prices(with_offers(frame(*rows), shop, till), shop, till), shop, till


def test_by_default_two_products_are_shown_together_at_their_list_price():
    found, _, _ = offered(PAIR)

    row = found.row(0, named=True)
    assert (row["offer"], row["bit"], row["off_minor"]) == ("together", "list_price", 0)
    assert row["bundle_minor"] == row["list_minor"] == 3000
    assert row["discount_pct"] == 0
    assert row["gain"]["low"] < row["gain"]["expected"] < row["gain"]["high"]
    assert row["gain"]["margin_from"] == "cost"
    assert row["incremental"]["given_away"] == 0
    assert row["incremental"]["profit"] == round(row["gain"]["expected"])


def test_without_a_cost_the_margin_is_the_settings_and_there_is_no_profit():
    found, _, _ = offered(PAIR, products=[{"price_minor": 1000}, PRICES[1]])

    row = found.row(0, named=True)
    assert row["gain"]["margin_from"] == "setting"
    assert row["incremental"]["profit"] is None
    assert row["margin_pct"] is None


def test_a_cost_of_nothing_is_unknown():
    found, _, _ = offered(PAIR, products=[{"price_minor": 1000, "cost_minor": 0}, PRICES[1]])

    assert found["gain"][0]["margin_from"] == "setting"


def test_of_what_nobody_bought_no_gain_is_said():
    found, _, _ = offered(bundle((0, 1), pages=[(0.0, 0.0), (0.0, 0.0)]))

    assert found["gain"][0] is None
    assert found["gain_minor"][0] is None


def test_the_shops_other_discounts_cannot_push_an_offer_under_its_cost():
    products = [{**one, "cost_minor": 50, "discount_rate": 0.3} for one in PRICES]
    cheap = bundle((0, 1), pages=[(100.0, 0.02)], objective="clear_slow_movers")
    dear = [{**one, "cost_minor": one["price_minor"] * 6 // 10} for one in products]

    for shop in (products, dear):
        found, _, _ = offered(cheap, products=shop)
        cost = sum(one["cost_minor"] for one in shop)
        assert found["bundle_minor"][0] * 0.7 >= cost or found["off_minor"][0] == 0


@pytest.mark.parametrize("profile", ["evidence", "seeds", "flat"])
def test_the_shops_own_profiles_of_prices_stay(profile):
    found, _, _ = offered(
        PAIR,
        profile=profile,
        products=[
            {**one, "discount_rate": 0.2, "orders": 500, "revenue_minor": 1} for one in PRICES
        ],
    )

    row = found.row(0, named=True)
    assert row["offer"] == "discounted"
    assert row["discount_pct"] >= 3
    assert row["gain"]["expected"] < row["gain"]["at_list_price"]


def test_the_ranges_of_a_list_add():
    rows = [PAIR, bundle((1, 0), pages=[(30.0, 0.1), (20.0, 0.5)])]
    found, shop, till = offered(*rows)

    whole = list_gain(found, shop, till)

    gains = found["gain"].struct.unnest()
    assert whole["expected"] == pytest.approx(gains["expected"].sum(), abs=0.05)
    assert whole["high"] - whole["low"] == pytest.approx(
        (gains["high"] - gains["low"]).sum(), rel=0.1
    )
