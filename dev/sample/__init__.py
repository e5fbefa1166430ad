"""A sample shop, for demonstrations and tests; the chain never imports it."""

from dev.sample.catalogue import planted_affinities
from dev.sample.shop import NAME, SEED, SampleShop, files, first_orders, make_shop

__all__ = ["NAME", "SEED", "SampleShop", "files", "first_orders", "make_shop", "planted_affinities"]
