"""A shop's exports from bytes to typed frames; opens no file and keeps none."""

from pipeline_lib.exports.batch import Batch
from pipeline_lib.exports.catalogue_rules import apply_catalogue_rules
from pipeline_lib.exports.hygiene import CAPS, CATALOGUE_RULES, RULES, HygieneRules
from pipeline_lib.exports.inventory import read_inventory
from pipeline_lib.exports.linking import ProductLinks, join_products, link_stock
from pipeline_lib.exports.orders import read_orders
from pipeline_lib.exports.products import read_products
from pipeline_lib.exports.report import mapping_report
from pipeline_lib.exports.sniff import ExportFormat, sniff_export

__all__ = [
    "CAPS",
    "CATALOGUE_RULES",
    "RULES",
    "Batch",
    "ExportFormat",
    "HygieneRules",
    "ProductLinks",
    "apply_catalogue_rules",
    "join_products",
    "link_stock",
    "mapping_report",
    "read_inventory",
    "read_orders",
    "read_products",
    "sniff_export",
]
