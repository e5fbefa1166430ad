"""The sample shop as its three exports, the same bytes for the same seed; writes no file."""

from dataclasses import dataclass

import numpy as np

from dev.sample.catalogue import products
from dev.sample.order_rows import orders_csv
from dev.sample.orders import draw_orders
from dev.sample.stock_rows import inventory_csv, products_csv

NAME = "copper-kettle"
SEED = 2026


@dataclass(frozen=True, slots=True)
class Shop:
    """Shopify's orders, products and inventory exports of one shop, UTF-8 CSV."""

    orders: bytes
    products: bytes
    inventory: bytes

    def files(self) -> dict[str, bytes]:
        """The exports by name, in the order in which the chain wants them."""
        return {
            "orders": self.orders,
            "products": self.products,
            "inventory": self.inventory,
        }


def make(*, seed: int = SEED) -> Shop:
    """Copper Kettle, a tea, coffee and kitchen shop: 20,000 orders of 300 products."""
    rng = np.random.Generator(np.random.PCG64(seed))
    shelf = products()
    orders = draw_orders(shelf, rng)
    return Shop(
        orders=orders_csv(orders),
        products=products_csv(shelf),
        inventory=inventory_csv(shelf, orders),
    )


def files(*, seed: int = SEED) -> dict[str, bytes]:
    """The exports of ``make`` by name: orders, products, inventory."""
    return make(seed=seed).files()


def beginning(orders: bytes, *, lines: int) -> bytes:
    """The first lines of an orders export, up to where an order ends."""
    rows = orders.splitlines(keepends=True)
    end = next(
        at for at in range(lines, 0, -1) if rows[at].split(b",")[0] != rows[at - 1].split(b",")[0]
    )
    return b"".join(rows[:end])
