"""A shop's exports from bytes to typed frames; opens no file and keeps none."""

from pipeline_lib.exports.batch import Batch
from pipeline_lib.exports.hygiene import CAPS, LATER, RULES, Rules
from pipeline_lib.exports.inventory import read_inventory
from pipeline_lib.exports.later import against_products
from pipeline_lib.exports.orders import read_orders
from pipeline_lib.exports.products import read_products
from pipeline_lib.exports.readiness import Readiness, readiness
from pipeline_lib.exports.report import MappingReport, mapping_report
from pipeline_lib.exports.survey import Survey, survey

__all__ = [
    "CAPS",
    "LATER",
    "RULES",
    "Batch",
    "MappingReport",
    "Readiness",
    "Rules",
    "Survey",
    "against_products",
    "mapping_report",
    "read_inventory",
    "read_orders",
    "read_products",
    "readiness",
    "survey",
]
