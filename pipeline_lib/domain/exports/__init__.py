"""A shop's exports from bytes to typed frames; opens no file and keeps none."""

from pipeline_lib.domain.exports.batch import Batch
from pipeline_lib.domain.exports.hygiene import CAPS, LATER, RULES, Rules
from pipeline_lib.domain.exports.inventory import read_inventory
from pipeline_lib.domain.exports.later import against_products
from pipeline_lib.domain.exports.orders import read_orders
from pipeline_lib.domain.exports.products import read_products
from pipeline_lib.domain.exports.readiness import Readiness, readiness
from pipeline_lib.domain.exports.report import MappingReport, mapping_report
from pipeline_lib.domain.exports.survey import Survey, survey

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
