"""Products that belong together by their words alone, for what has no orders; nothing is learnt."""

import polars as pl

COMMON = 0.10  # a word in more than a tenth of the products tells them apart no more
MOST_HOLDERS = 200  # ... and one in more than these joins too many products with each other
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
    ours = words if among is None else words.filter(pl.col("item").is_in(among.implode()))
    first, second = pl.col("item"), pl.col("item_right")
    either = first < second if among is None else first != second
    pairs = (
        ours.join(words, on="word", suffix="_right")
        .filter(either)
        .group_by(
            pl.min_horizontal(first, second).alias("left"),
            pl.max_horizontal(first, second).alias("right"),
            first.alias("by"),
        )
        .agg((pl.col("weight") * pl.col("weight_right")).sum().round(9).alias("similarity"))
        .unique(["left", "right"], keep="first", maintain_order=True)
        .drop("by")
        .filter(pl.col("similarity").is_between(LEAST, MOST))
    )
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
    common = min(max(COMMON * len(catalog), 2), MOST_HOLDERS)
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
