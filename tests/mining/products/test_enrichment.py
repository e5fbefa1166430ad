import polars as pl

from pipeline_lib.mining.products.enrichment import with_kinds

TITLES = (
    ["Red lunch bag", "Blue lunch bag", "Lunch bag, dolls", "Spotty lunch bag"]
    + ["Tea towel, oak", "Tea towel, blue", "Small tea towel"]
    + [f"Thing {chr(97 + n) * 3}" for n in range(40)]
)


def catalog(titles, types=None):
    return pl.DataFrame(
        {"item": range(len(titles)), "title": titles, "product_type": types or [None] * len(titles)}
    )


def test_two_words_that_enough_titles_share_make_a_kind():
    kinds = with_kinds(catalog(TITLES))["product_type"].to_list()

    assert kinds[:4] == ["lunch bag"] * 4
    assert kinds[4:] == [None] * (len(TITLES) - 4)


def test_what_the_shop_says_stays():
    types = ["Bags", ""] + [None] * (len(TITLES) - 2)

    kinds = with_kinds(catalog(TITLES, types))["product_type"].to_list()

    assert kinds[0] == "Bags"


def test_nothing_in_nothing_out():
    empty = pl.DataFrame(schema={"item": pl.UInt32, "title": pl.String, "product_type": pl.String})

    assert with_kinds(empty).is_empty()
