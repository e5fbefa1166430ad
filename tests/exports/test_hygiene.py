# ruff: noqa: E501  # rows of CSV read best on one line
import pytest

from pipeline_lib.exports import RULES, HygieneRules, apply_catalogue_rules

HEAD = "order_id,sku,name,qty,price,date,currency,status,Cancelled at,Payment method,Refunded amount,Order total\n"


def line(order="1", sku="A", name="Mug", quantity="1", price="5", **cells):
    told = {"currency": "USD", "status": "paid", "cancelled": "", "payment": "card"} | cells
    return (
        f"{order},{sku},{name},{quantity},{price},2024-01-01,{told['currency']},{told['status']},"
        f"{told['cancelled']},{told['payment']},{told.get('refunded', '')},{told.get('total', '')}"
    )


def text(*lines):
    return HEAD + "\n".join([line("0"), line("00", "B"), *lines]) + "\n"


CASES = [
    ("other_currency", line(currency="EUR")),
    ("cancelled", line(status="voided")),
    ("cancelled", line(status="wc-cancelled")),
    ("cancelled", line(cancelled="2024-01-02")),
    ("refunded", line(status="refunded")),
    ("refunded", line(status="Remboursée")),
    ("refunded", line(refunded="5.00", total="5.00")),
    ("test_order", line(payment="bogus")),
    ("gift_card", line(name="Gift card - $25.00")),
    ("gift_card", line(name="My Shop Gift Voucher £20.00")),
    ("gift_card", line(name="Carte cadeau")),
    ("gift_card", line(name="Geschenkgutschein 50 €")),
    ("gift_card", line(name="Tarjeta de regalo")),
    ("gift_card", line(sku="gift_0001_20")),
    ("non_product", line(name="POSTAGE")),
    ("non_product", line(name="DOTCOM POSTAGE")),
    ("non_product", line(name="Express shipping")),
    ("non_product", line(name="Frais de port")),
    ("non_product", line(name="Versandkosten")),
    ("non_product", line(name="Envío")),
    ("non_product", line(name="Tip")),
    ("non_product", line(name="SAMPLES")),
    ("non_product", line(name="Manual")),
    ("non_product", line(name="Adjust bad debt")),
    ("non_product", line(name="AMAZON FEE")),
    ("non_product", line(name="?")),
    ("non_product", line(sku="TEST001", name="This is a test product.")),
    ("non_product", line(sku="ADJUST2", name="Adjustment by john")),
    ("negative_quantity", line(quantity="-1")),
    ("negative_quantity", line(quantity="0")),
    ("zero_price", line(price="0.00")),
    ("zero_price", line(price="-11062.06")),
    ("empty_row", ",,,,,,,,,,,"),
]


@pytest.mark.parametrize(("rule", "dirty"), CASES)
def test_a_line_is_set_aside_by_its_rule_and_counted(orders, rule, dirty):
    told = orders(text(dirty))

    assert told.set_aside == {rule: 1}
    assert told.kept.height == 2
    assert told.conserved


@pytest.mark.parametrize(("rule", "dirty"), [case for case in CASES if case[0] != "empty_row"])
def test_a_rule_that_is_off_takes_nothing(orders, rule, dirty):
    told = orders(text(dirty), off=frozenset({rule}))

    assert told.kept.height == 3


@pytest.mark.parametrize(
    "name",
    [
        "GIFT CARD HOLDER", "PACK OF 6 BIRDY GIFT TAGS", "Shipping box", "TEA SAMPLE SET", "Coffee mug",
        "Postage stamp album", "Tip jar", "Discount bin towel", "Delivery van toy", "Test tube vase",
        "Vintage manual typewriter", "Christmas bundle",
    ],
)  # fmt: skip
def test_a_product_that_only_sounds_like_one_stays(orders, name):
    assert orders(text(line(name=name))).kept.height == 3


def test_a_bundle_s_free_components_and_their_parent_are_set_aside(orders):
    told = orders(
        text(
            line("7", "KIT", "Tea lover bundle", price="20"),
            line("7", "POT", "Pot", price="0"),
            line("7", "CUP", "Cup", price="0"),
            line("7", "JAR", "Jar", price="4"),
        )
    )

    assert told.set_aside == {"bundle_component": 2, "bundle_parent": 1}
    assert told.kept["sku"].to_list() == ["A", "B", "JAR"]


def test_a_bundle_s_parent_at_no_price_is_set_aside(orders):
    told = orders(text(line("7", "KIT", "Tea bundle", price="0"), line("7", "POT", "Pot")))

    assert told.set_aside == {"bundle_parent": 1}


def test_a_free_line_in_an_order_without_a_bundle_is_only_free(orders):
    assert orders(text(line("7", "POT", price="0"), line("7", "CUP"))).set_aside == {
        "zero_price": 1
    }


def test_a_reseller_s_later_lines_are_set_aside(orders):
    told = orders(text(*(line("7", f"S{n}") for n in range(9))), lines_per_order=5)

    assert told.set_aside == {"wholesale_lines": 4}
    assert told.kept.filter(order_id="7")["sku"].to_list() == ["S0", "S1", "S2", "S3", "S4"]


def test_a_reseller_s_quantity_is_lowered_and_counted(orders):
    told = orders(text(line("7", quantity="80995")))

    assert told.altered == {"wholesale_quantity": 1}
    assert told.kept["quantity"].to_list() == [1, 1, 1000]
    assert told.conserved


def test_a_line_that_two_rules_would_take_counts_once(orders):
    told = orders(text(line(status="refunded", quantity="-1", price="0", name="Postage")))

    assert told.set_aside == {"refunded": 1}


def test_the_run_s_currency_can_be_told(orders):
    told = orders(text(line(currency="EUR")), currency="EUR")

    assert told.set_aside == {"other_currency": 2}


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no such rules"):
        HygieneRules(off=frozenset({"typo"}))
    assert len(set(RULES)) == len(RULES)


def test_deleted_products_and_the_catalogue_s_gift_cards_go_when_the_products_are_known(
    orders, products
):
    lines = orders(
        text(*(line(str(n), "A") for n in range(20)), line("x", "GONE"), line("y", "GC", "Card"))
    ).kept
    catalogue = products(
        "Handle,Title,Variant SKU,Variant Price,Gift Card,Status\n"
        "a,A,A,5,false,active\nb,B,B,5,false,archived\ngc,GC,GC,5,true,active\n"
    ).kept

    kept, taken = apply_catalogue_rules(lines, catalogue, rules=HygieneRules())

    assert taken == {"catalogue_gift_card": 1, "deleted_product": 2}
    assert set(kept["sku"]) == {"A"}
    off = HygieneRules(off=frozenset({"deleted_product", "catalogue_gift_card"}))
    assert apply_catalogue_rules(lines, catalogue, rules=off)[1] == {}


def test_a_products_file_that_names_few_products_deletes_none(orders, products):
    lines = orders(text(line("x", "C"), line("y", "D"))).kept
    catalogue = products("product_id,name,price\nA,A,5\n").kept

    kept, taken = apply_catalogue_rules(lines, catalogue, rules=HygieneRules())

    assert (kept.height, taken) == (4, {})
