"""Products that belong together by their words alone, for what has no orders; nothing is learnt."""

import polars as pl

COMMON = 0.10  # a word in more than a tenth of the products tells them apart no more
LEAST, MOST = 0.15, 0.9  # less is chance, more is the same thing in another colour
SOURCE = "content"
PRICES = "price"


def alike(catalog: pl.DataFrame, *, among: pl.Series | None, most: int) -> pl.DataFrame:
    """Pair products whose titles, types and tags share rare words.

    The similarity is the cosine of tf-idf vectors with idf = ln(products / products with the
    word) (Salton & Buckley, Inf. Process. Manag. 24 (1988) 513-523).

    Args:
        catalog: columns ``PlainCatalog``.
        among: item codes of which each pair holds at least one; None: any pair.
        most: how many pairs at the most; no product is in more than three.

    Returns:
        ``left`` < ``right`` (item codes) and ``similarity``, most alike first, then by code.
    """
    words = _weights(catalog)
    pairs = (
        words.join(words, on="word", suffix="_right")
        .filter(pl.col("item") < pl.col("item_right"))
        .group_by(pl.col("item").alias("left"), pl.col("item_right").alias("right"))
        .agg((pl.col("weight") * pl.col("weight_right")).sum().round(9).alias("similarity"))
        .filter(pl.col("similarity").is_between(LEAST, MOST))
    )
    if among is not None:
        held = among.implode()
        pairs = pairs.filter(pl.col("left").is_in(held) | pl.col("right").is_in(held))
    ranked = _other_products(pairs, catalog).sort(
        "similarity", "left", "right", descending=[True, False, False]
    )
    return _few_of_each(ranked).head(most)


def near_in_price(catalog: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """Pair products of like price, for a shop of which nothing else is known.

    Args:
        catalog: columns ``Catalog``.
        most: how many pairs at the most.

    Returns:
        ``left`` < ``right`` (item codes) and ``similarity`` (the lower price as a share of the
        higher), most alike first, then by code; each product with the next in price.
    """
    ladder = catalog.sort("price_minor", "item").select("item", "product_key", "price_minor")
    later = pl.all().shift(-1).name.suffix("_next")
    pairs = ladder.with_columns(later).drop_nulls()
    near = pairs.filter(pl.col("product_key") != pl.col("product_key_next")).select(
        pl.min_horizontal("item", "item_next").alias("left"),
        pl.max_horizontal("item", "item_next").alias("right"),
        (pl.col("price_minor") / pl.col("price_minor_next")).round(9).alias("similarity"),
    )
    return near.sort("similarity", "left", "right", descending=[True, False, False]).head(most)


def _weights(catalog: pl.DataFrame) -> pl.DataFrame:
    text = pl.concat_str(
        pl.col("product_title", "product_type", "tags").fill_null(""), separator=" "
    ).str.to_lowercase()
    words = (
        catalog.select("item", text.str.extract_all(r"\p{L}{3,}").alias("word"))
        .explode("word")
        .drop_nulls()
        .group_by("item", "word")
        .len("times")
        .with_columns(pl.len().over("word").alias("holders"))
    )
    common = max(COMMON * len(catalog), 2)
    idf = (len(catalog) / pl.col("holders")).log()
    weighed = words.filter(pl.col("holders") <= common).with_columns(
        (pl.col("times") * idf).alias("weight")
    )
    length = (pl.col("weight") ** 2).sum().sqrt().over("item")
    return weighed.select("item", "word", pl.col("weight") / length).sort("item", "word")


def _other_products(pairs: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """Without pairs of two variants of one product."""
    product = catalog.select("item", "product_key")
    return (
        pairs.join(product.rename({"item": "left", "product_key": "a"}), on="left")
        .join(product.rename({"item": "right", "product_key": "b"}), on="right")
        .filter(pl.col("a") != pl.col("b"))
        .select("left", "right", "similarity")
    )


def _few_of_each(ranked: pl.DataFrame) -> pl.DataFrame:
    most, used, kept = 3, dict[int, int](), list[int]()
    for index, (left, right) in enumerate(ranked.select("left", "right").iter_rows()):
        if used.get(left, 0) < most and used.get(right, 0) < most:
            used[left] = used.get(left, 0) + 1
            used[right] = used.get(right, 0) + 1
            kept.append(index)
    return ranked[kept]
