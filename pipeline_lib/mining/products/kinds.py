"""What kind of thing a product is where the shop does not say: by the words titles share."""

import polars as pl

LEAST_OF_A_KIND = 4  # fewer products make no category
MOST_OF_A_KIND = 0.10  # of all: a word pair that so many share is a brand


def with_kinds(catalog: pl.DataFrame) -> pl.DataFrame:
    """The catalogue with a product type for all whose title tells one.

    A product without a type takes the two neighbouring words of its title that most other
    titles have too ("lunch bag"); single words are mostly colours. What shares no two words
    stays without a type.

    Args:
        catalog: columns CATALOG.
    """
    untold = catalog.filter(pl.col("product_type").fill_null("") == "").select("item", "title")
    told = _best(_said(untold))
    return (
        catalog.join(told, on="item", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("product_type").fill_null("") == "")
            .then(pl.col("kind"))
            .otherwise(pl.col("product_type"))
            .alias("product_type")
        )
        .drop("kind")
    )


def _neighbours() -> pl.Expr:
    return pl.concat_str(pl.element(), pl.element().shift(-1), separator=" ").drop_nulls()


def _said(titles: pl.DataFrame) -> pl.DataFrame:
    """The neighbouring words of each title, a row each, with how many titles have them."""
    words = pl.col("title").str.to_lowercase().str.extract_all(r"\p{L}{3,}").alias("words")
    said = (
        titles.select("item", words)
        .select("item", pl.col("words").list.eval(_neighbours()).alias("kind"))
        .explode("kind")
        .drop_nulls()
        .with_row_index("place")
        .unique(["item", "kind"], keep="last", maintain_order=True)
        .with_columns(pl.len().over("kind").alias("titles"))
    )
    most = max(MOST_OF_A_KIND * len(titles), LEAST_OF_A_KIND)
    return said.filter(pl.col("titles").is_between(LEAST_OF_A_KIND, most))


def _best(said: pl.DataFrame) -> pl.DataFrame:
    ranked = said.sort("item", "titles", "place", descending=[False, True, True])
    return ranked.unique("item", keep="first", maintain_order=True).select("item", "kind")
