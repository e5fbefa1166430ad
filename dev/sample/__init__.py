"""A shop that does not exist, for demonstrations and tests; the chain never imports it."""

from dev.sample.catalogue import planted
from dev.sample.shop import NAME, SEED, Shop, beginning, files, make

__all__ = ["NAME", "SEED", "Shop", "beginning", "files", "make", "planted"]
