"""The shapes of what a shop takes away."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_lib.http.bodies.bundles import Bundle
from pipeline_lib.http.shapes import Asked, Shape, Taken


class ExportAsked(Asked):
    """As what."""

    format: Literal["json", "csv"] = "json"
    shopId: str | None = None


class ExportedBundles(Shape):
    """Every active bundle."""

    shop: str
    exported_at: datetime
    bundles: list[Bundle]


class ShopifyProduct(Taken):
    """What Shopify calls the product of a SKU; exports have no such ids."""

    productId: Annotated[str, Field(pattern=r"^gid://shopify/Product/[0-9]{1,20}$")]
    optionSelections: Annotated[tuple[dict[str, Any], ...], Field(max_length=3)] = ()


class ShopifyProducts(Taken):
    """The products of SKUs."""

    products: Annotated[dict[str, ShopifyProduct], Field(max_length=10_000)]


class Complementary(Shape):
    """What goes with a product, at most ten."""

    sku: str
    complementary: Annotated[list[str], Field(max_length=10)]


class ComplementaryProducts(Shape):
    """What goes with each product, best first."""

    products: list[Complementary]
