"""The sample shop as its three exports; equal seeds give equal bytes."""

from dataclasses import dataclass

import numpy as np

from dev.sample.catalogue import products
from dev.sample.orders import draw_orders
from dev.sample.orders_export import orders_csv
from dev.sample.products_export import inventory_csv, products_csv
from pipeline_lib.records.uploads import SlotName

NAME = "copper-kettle"
SEED = 2026


@dataclass(frozen=True, slots=True)
class SampleShop:
    """Shopify's orders, products and inventory exports of one shop, UTF-8 CSV."""

    orders: bytes
    products: bytes
    inventory: bytes

    def files(self) -> dict[SlotName, bytes]:
        """The exports by name, in the order in which the chain reads them."""
        return {
            "orders": self.orders,
            "products": self.products,
            "inventory": self.inventory,
        }


def make_shop(*, seed: int = SEED) -> SampleShop:
    """Copper Kettle, a tea, coffee and kitchen shop: 20,000 orders of 300 products."""
    rng = np.random.Generator(np.random.PCG64(seed))
    catalogue = products()
    orders = draw_orders(catalogue, rng)
    return SampleShop(
        orders=orders_csv(orders),
        products=products_csv(catalogue),
        inventory=inventory_csv(catalogue, orders),
    )


def files(*, seed: int = SEED) -> dict[SlotName, bytes]:
    """The exports of ``make`` by name: orders, products, inventory."""
    return make_shop(seed=seed).files()


def first_orders(orders: bytes, *, lines: int) -> bytes:
    """The first lines of an orders export, up to where an order ends."""
    rows = orders.splitlines(keepends=True)
    end = next(
        at for at in range(lines, 0, -1) if rows[at].split(b",")[0] != rows[at - 1].split(b",")[0]
    )
    return b"".join(rows[:end])
