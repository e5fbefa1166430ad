import pytest

from pipeline_lib.records import collections  # noqa: F401 - loads every record
from pipeline_lib.records.record import Record


def places_of_nested_lists(schema, path=""):
    """Where an array's items are arrays themselves."""
    if isinstance(schema, dict):
        items = schema.get("items")
        if isinstance(items, dict) and items.get("type") == "array":
            yield path
        for name, part in schema.items():
            yield from places_of_nested_lists(part, f"{path}/{name}")
    elif isinstance(schema, list):
        for part in schema:
            yield from places_of_nested_lists(part, path)


@pytest.mark.parametrize("record", Record.__subclasses__(), ids=lambda record: record.__name__)
def test_no_record_holds_a_list_of_lists_which_firestore_refuses(record):
    assert list(places_of_nested_lists(record.model_json_schema())) == []
