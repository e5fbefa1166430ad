import csv
import io
import json
from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
import pytest

from pipeline_lib import frames
from pipeline_lib.messages import Work
from pipeline_lib.recommendations.performance import count_days
from pipeline_lib.runs.job import Artefacts
from tests.http.conftest import ORDERS, SOAP, TEA
from tests.recommendations.made_recommendations import bundle_of, recommendation

LIST = "/api/bundle-recommendations"


@pytest.fixture
def upload_id(ask, drain):
    """An upload of orders whose run is over."""
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    upload_id = ask("POST", "/api/shopify/upload", text).json()["uploadId"]
    drain()
    return upload_id


@pytest.fixture
def best(ask, upload_id):
    return ask("GET", f"{LIST}?uploadId={upload_id}&limit=2").json()["recommendations"]


def test_recommendations_come_in_pages_in_every_order(ask, upload_id):
    for sort, field, down in (
        ("rank", "rank_position", False),
        ("score", "ranking_score", True),
        ("confidence", "confidence", True),
    ):
        seen, cursor = [], ""
        while cursor is not None:
            path = f"{LIST}?csvUploadId={upload_id}&sort={sort}&limit=7{cursor}"
            answer = ask("GET", path).json()
            seen += answer["recommendations"]
            cursor = answer["next_cursor"] and f"&cursor={answer['next_cursor']}"

        values = [one[field] for one in seen]
        assert values == sorted(values, reverse=down)
        assert len({one["id"] for one in seen}) == len(seen) == answer["total"] > 10


def test_a_cursor_of_another_order_is_refused(ask, upload_id):
    cursor = ask("GET", "/api/csv-uploads?limit=1").json()["next_cursor"]
    other = ask("GET", f"{LIST}?limit=1").json()["next_cursor"]

    assert cursor is None
    assert ask("GET", f"/api/csv-uploads?cursor={other}").status_code == 200
    assert ask("GET", f"{LIST}?cursor=WyJ4IiwieCJd").status_code == 422


def test_recommendations_are_filtered(ask, upload_id, best):
    objective, kind = best[0]["objective"], best[0]["bundle_type"]

    by_both = ask("GET", f"{LIST}?objective={objective}&bundle_type={kind}").json()
    sure = ask("GET", f"{LIST}?min_confidence=0.5").json()

    assert {(one["objective"], one["bundle_type"]) for one in by_both["recommendations"]} == {
        (objective, kind)
    }
    assert all(one["confidence"] >= 0.5 for one in sure["recommendations"])
    assert 0 < sure["total"] == len(sure["recommendations"]) < ask("GET", LIST).json()["total"]
    assert ask("GET", f"{LIST}?uploadId=other").json()["total"] == 0
    assert ask("GET", f"{LIST}?sort=price").status_code == 422


def test_a_recommendation_is_approved_and_rejected_with_a_reason(ask, best):
    path = f"{LIST}/{best[0]['id']}"

    approved = ask("PATCH", f"{path}/approve", {"approved": True}).json()
    pending = ask("GET", f"{LIST}?status=pending").json()["total"]
    rejected = ask("PATCH", f"{path}/approve", {"approved": False, "reason": "too dear"}).json()

    assert (approved["is_approved"], approved["status"]) == (True, "approved")
    assert pending == ask("GET", LIST).json()["total"] - 1
    assert ask("GET", f"{LIST}?status=rejected").json()["recommendations"] == [rejected]
    assert ask("GET", f"{LIST}?status=approved").json()["total"] == 0
    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "too dear")
    assert ask("GET", path).json() == rejected
    assert ask("PATCH", f"{path}/approve", {"reason": "odd"}).status_code == 422
    assert ask("PATCH", f"{path}/approve", {}, shop=SOAP).status_code == 404


def test_what_is_there_before_a_run_is_over_is_shown(ask, stores, upload_id, best):
    whole = ask("GET", f"{LIST}/{upload_id}/partial").json()
    stores.documents.delete([path for path, _ in stores.documents.find("recommendations", {})])
    preview = ask("GET", f"{LIST}/{upload_id}/partial").json()

    assert (whole["complete"], whole["preview"], whole["count"] > 10) == (True, False, True)
    assert (preview["preview"], preview["count"]) == (True, 10)
    assert whole["recommendations"][0]["id"] == best[0]["id"]


def test_a_bundle_is_made_of_a_recommendation_taken_out_and_made_again(ask, best, clock):
    source = {"recommendationId": best[0]["id"]}
    made = ask("POST", "/api/bundles", source)
    clock.on(seconds=1)
    other = ask("POST", "/api/bundles", {"recommendationId": best[1]["id"]}).json()
    listed = ask("GET", "/api/bundles").json()
    gone = ask("DELETE", f"/api/bundles/{made.json()['id']}")
    twice = ask("DELETE", f"/api/bundles/{made.json()['id']}")
    looked_for = ask("GET", f"/api/bundles/{made.json()['id']}")
    after = ask("GET", "/api/bundles").json()
    again = ask("POST", "/api/bundles", source)

    assert (made.status_code, made.json()["is_active"]) == (201, True)
    assert made.json()["products"] == best[0]["products"]
    assert [one["id"] for one in listed["bundles"]] == [other["id"], made.json()["id"]]
    assert (gone.json()["is_active"], gone.json()["deactivated_at"] is None) == (False, False)
    assert twice.json() == gone.json()
    assert looked_for.status_code == 404
    assert after["total"] == 1
    assert (again.status_code, again.json()["is_active"]) == (200, True)
    assert ask("GET", f"{LIST}/{best[0]['id']}").json()["status"] == "approved"


def test_a_bundle_of_what_was_rejected_or_is_anothers_is_not_made(ask, best):
    source = {"recommendationId": best[0]["id"]}
    ask("PATCH", f"{LIST}/{best[0]['id']}/approve", {"approved": False})

    refused = ask("POST", "/api/bundles", source)

    assert (refused.status_code, refused.json()["code"]) == (409, "REJECTED")
    assert ask("POST", "/api/bundles", source, shop=SOAP).status_code == 404


def test_an_approved_recommendation_outlives_the_next_run(ask, drain, upload_id, best):
    ask("POST", "/api/bundles", {"recommendationId": best[0]["id"]})

    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    drain()

    assert ask("GET", f"{LIST}/{best[0]['id']}").json()["status"] == "approved"


def test_the_dashboard_has_its_eight_figures(ask, best):
    for one in best:
        ask("POST", "/api/bundles", {"recommendationId": one["id"]})

    told = ask("GET", f"/api/dashboard-stats?shopId={TEA}").json()

    prices = [float(one["pricing"]["bundle_price"]) for one in best]
    together = [one["evidence"]["orders_together"] for one in best]
    assert told["activeBundles"] == told["approvedRecommendations"] == 2
    assert told["avgBundleSize"] == pytest.approx(sum(prices) / 2, abs=0.01)
    made = sum(price * orders for price, orders in zip(prices, together, strict=True))
    assert told["bundleRevenue"] == pytest.approx(made, abs=0.01)
    assert told["conversionRate"] == pytest.approx(
        sum(one["evidence"]["confidence"] for one in best) / 2, abs=1e-4
    )
    assert told["totalOrders"] == best[0]["evidence"]["orders_total"]
    assert told["totalProducts"] > 100
    assert set(told) == {
        "activeBundles",
        "bundleRevenue",
        "avgBundleSize",
        "conversionRate",
        "totalRecommendations",
        "approvedRecommendations",
        "totalOrders",
        "totalProducts",
    }


def test_a_shop_without_anything_has_figures_too(ask):
    assert ask("GET", "/api/dashboard-stats").json()["bundleRevenue"] == 0
    assert ask("GET", "/api/analytics/insights").json() == {"insights": []}
    assert ask("GET", "/api/export/analytics").text == ""


@pytest.mark.parametrize(("since", "days"), [("day", 1), ("week", 7), ("all", 366)])
def test_the_bundles_are_told_over_time(ask, best, clock, since, days):
    ask("POST", "/api/bundles", {"recommendationId": best[0]["id"]})

    told = ask("GET", f"/api/analytics?shopId={TEA}&timeRange={since}").json()

    assert len(told["timeSeries"]) == days
    assert told["timeSeries"][-1]["date"] == clock().date().isoformat()
    assert told["timeSeries"][-1]["bundles"] == 1
    assert told["timeSeries"][-1]["recommendations"] > 10
    assert told["topBundles"] == told["bundlePerformance"]
    assert told["topBundles"][0]["title"] == best[0]["ai_copy"]["title"]


def test_days_are_counted_as_by_hand():
    day = datetime(2026, 5, 4, 10, tzinfo=UTC)
    pending = recommendation(judged_at=day)
    approved = pending.replace(is_approved=True)
    bundles = [bundle_of(approved).replace(created_at=at) for at in (day, day - timedelta(days=1))]

    rows = count_days(bundles, [approved, pending], {"u": day}, until=day.date(), days=2)

    assert [(row.bundles, row.recommendations, row.approved) for row in rows] == [
        (1, 0, 0),
        (1, 2, 1),
    ]


def test_insights_are_sentences_with_figures(ask, upload_id):
    told = ask("GET", "/api/analytics/insights").json()["insights"]

    assert {one["kind"] for one in told} >= {"unreviewed"}
    assert all(one["message"] and one["recommendation_ids"] for one in told)


def test_exports_hold_what_the_shop_made(ask, best):
    ask("POST", "/api/bundles", {"recommendationId": best[0]["id"]})

    bundles = ask("GET", "/api/export/bundles").json()
    whole = ask("GET", "/api/export/recommendations").json()
    table = ask("GET", "/api/export/recommendations?format=csv")
    figures = ask("GET", "/api/export/analytics")

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [one["id"] for one in bundles["bundles"]] == [best[0]["id"]]
    assert [row["id"] for row in rows] == [one["id"] for one in whole["recommendations"]]
    assert table.headers["Content-Disposition"] == 'attachment; filename="recommendations.csv"'
    assert len(list(csv.DictReader(io.StringIO(figures.text)))) == 1


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(ask, collections, best):
    found = collections.recommendations.read(best[0]["id"]).record
    copy = found.ai_copy.model_copy(update={"title": "=HYPERLINK(1)"})
    collections.recommendations.put(found.replace(ai_copy=copy))

    assert "'=HYPERLINK(1)" in ask("GET", "/api/export/recommendations?format=csv").text


def test_shopify_takes_what_is_exported_for_it(ask, best):
    ask("POST", "/api/bundles", {"recommendationId": best[0]["id"]})
    known = {
        product["sku"]: {"productId": f"gid://shopify/Product/{number}"}
        for number, product in enumerate(best[0]["products"])
    }

    text = ask("POST", "/api/export/shopify/bundles", {"products": known}).text
    nothing = ask("POST", "/api/export/shopify/bundles", {"products": {}}).text

    (line,) = [json.loads(line) for line in text.splitlines()]
    assert line["input"]["title"] == best[0]["ai_copy"]["title"]
    assert [part["quantity"] for part in line["input"]["components"]] == [
        product["quantity"] for product in best[0]["products"]
    ]
    assert nothing == ""


def test_complementary_products_are_at_most_ten_and_never_the_product_itself(ask, upload_id):
    told = ask("GET", "/api/export/shopify/complementary").json()["products"]

    assert len(told) > 10
    for one in told:
        assert one["sku"] not in one["complementary"]
        assert 1 <= len(set(one["complementary"])) == len(one["complementary"]) <= 10


def test_rules_are_those_counted_by_hand(ask, stores, upload_id):
    body = {"csvUploadId": upload_id, "min_support": 0.01, "min_confidence": 0.2}
    made = ask("POST", "/api/generate-rules", body).json()
    told = ask("GET", f"/api/association-rules?uploadId={upload_id}&limit=200").json()

    kept = Artefacts(stores.ports.artefacts, Work(upload_id, 1))
    skus = dict(kept.frame(frames.Catalog).select("item", "sku").iter_rows())
    baskets = kept.frame(frames.BasketItems).group_by("order").agg(pl.col("item").unique())
    orders = [{skus[item] for item in items} for items in baskets["item"]]
    pairs = {
        (rule["antecedent"]["items"][0], rule["consequent"]["items"][0]): rule
        for rule in told["rules"]
        if len(rule["antecedent"]["items"]) == len(rule["consequent"]["items"]) == 1
    }
    assert told["total"] == made["rules_count"] == len(told["rules"]) > 0
    for (left, right), rule in pairs.items():
        both = sum({left, right} <= order for order in orders)
        lefts, rights = (sum(one in order for order in orders) for one in (left, right))
        assert rule["orders"] == both
        assert rule["support"] == pytest.approx(both / len(orders))
        assert rule["confidence"] == pytest.approx(both / lefts)
        assert rule["lift"] == pytest.approx(both * len(orders) / lefts / rights)
    counts = {pair for order in orders for pair in combinations(sorted(order), 2)}
    assert counts >= {tuple(sorted(pair)) for pair in pairs}


def test_rules_before_orders_are_read_or_asked_for_are_refused(ask, upload_id):
    waiting = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}).json()["uploadId"]

    early = ask("POST", "/api/generate-rules", {"csvUploadId": waiting})

    assert (early.status_code, early.json()["code"]) == (409, "TOO_EARLY")
    assert ask("GET", f"/api/association-rules?uploadId={upload_id}").status_code == 404
