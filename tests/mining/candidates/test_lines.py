import polars as pl
import pytest

from pipeline_lib.mining.candidates.lines import Lines, stem, terms

TITLES = [
    ("JUMBO BAG RED RETROSPOT", 208),
    ("JUMBO BAG PINK POLKADOT", 208),
    ("JUMBO BAG STRAWBERRY", 208),
    ("LUNCH BAG RED RETROSPOT", 165),
    ("LUNCH BAG SUKI DESIGN", 165),
    ("RETROSPOT CAKE STAND", 1095),
    ("RETROSPOT TEA SET", 495),
    ("ALARM CLOCK BAKELIKE GREEN", 375),
    ("ALARM CLOCK BAKELIKE RED", 375),
    ("DOORMAT UNION FLAG", 795),
    ("WOODEN FRAME", 295),
    ("GARDEN SPADE", 1250),
]


def lines(rows=TITLES, **columns):
    known = {
        "title": [title for title, _ in rows],
        "price_minor": [price for _, price in rows],
        "sku": [f"S{n}" for n in range(len(rows))],
        "product_key": [None] * len(rows),
        "own_type": [None] * len(rows),
    }
    schema = {
        "title": pl.String,
        "price_minor": pl.Int64,
        "sku": pl.String,
        "product_key": pl.String,
        "own_type": pl.String,
    }
    return Lines(pl.DataFrame({**known, **columns}, schema=schema))


def of_one_line(one, other, **columns):
    titles = [title for title, _ in TITLES]
    return lines(**columns).are_of_one_line(titles.index(one), titles.index(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JUMBO BAG RED RETROSPOT", "JUMBO BAG STRAWBERRY"),
        ("ALARM CLOCK BAKELIKE GREEN", "ALARM CLOCK BAKELIKE RED"),
    ],
)
def test_one_kind_of_thing_in_other_colours_is_of_one_line(one, other):
    assert of_one_line(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RETROSPOT CAKE STAND", "RETROSPOT TEA SET"),
        ("JUMBO BAG RED RETROSPOT", "RETROSPOT CAKE STAND"),
        ("DOORMAT UNION FLAG", "GARDEN SPADE"),
    ],
)
def test_one_collection_through_many_kinds_is_not(one, other):
    assert not of_one_line(one, other)


def test_types_that_the_shop_wrote_keep_things_apart():
    types = ["Bag"] * 5 + [None] * 7
    types[0] = "Luggage"

    assert not of_one_line("JUMBO BAG RED RETROSPOT", "JUMBO BAG STRAWBERRY", own_type=types)


def test_one_key_is_one_product_whatever_its_titles_say():
    keys = ["mug", "mug"] + [None] * 10

    assert lines(product_key=keys).are_variants(0, 1)
    assert not lines().are_variants(0, 1)


def test_titles_that_differ_in_numbers_alone_are_variants_and_those_without_any_are_not():
    rows = [("Box of 4", 100), ("Box of 6", 150), ("", 100), ("", 100)]

    found = lines(rows)

    assert found.are_variants(0, 1)
    assert not found.are_variants(2, 3)


def test_a_likeness_goes_both_ways():
    found = lines()

    for one in range(len(TITLES)):
        for other in range(len(TITLES)):
            assert found.likeness(one, other) == pytest.approx(found.likeness(other, one))
            assert 0 <= found.likeness(one, other) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("word", "root"), [("bags", "bag"), ("berries", "berry"), ("glass", "glass"), ("gas", "gas")]
)
def test_a_plural_is_taken_back_and_no_more(word, root):
    assert stem(word) == root


def test_colours_sizes_and_numbers_say_nothing_of_the_thing():
    assert terms("Red MINI bags, 30 cm, set of 4") == {"bag"}
