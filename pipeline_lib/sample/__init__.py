"""A shop that does not exist, for demonstrations and tests; the chain never imports it."""

from pipeline_lib.sample.catalogue import planted
from pipeline_lib.sample.shop import NAME, SEED, Shop, beginning, files, make

__all__ = ["NAME", "SEED", "Shop", "beginning", "files", "make", "planted"]
