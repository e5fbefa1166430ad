from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.shops import Shop
from pipeline_lib.records.uploads import Parameters, new_upload
from tests.conftest import MADE_AT


@pytest.fixture
def collections(stores):
    return Collections(stores.documents)


def upload(name="u", **fields):
    made = new_upload(
        upload_id=name,
        shop_id="tea",
        slots={"products": f"{name}/p.csv", "orders": f"{name}/o.csv"},
        parameters=Parameters(adds_to=Work("t", 2), rules_off=("refund",)),
        now=MADE_AT,
    )
    return made.replace(**fields)


def test_a_record_comes_back_as_it_was(collections):
    collections.uploads.create(upload())

    found = collections.uploads.read("u")

    assert found.record == upload()
    assert [slot.slot for slot in found.record.slots] == ["products", "orders"]


def test_a_record_is_created_once(collections):
    assert collections.uploads.create(upload()) is not None
    assert collections.uploads.create(upload(status="failed")) is None


def test_a_field_that_a_newer_version_wrote_is_not_seen(collections):
    collections.documents.put({"uploads/u": {**upload().fields(), "later": 1}})

    assert collections.uploads.read("u").record == upload()


def test_a_stored_value_of_another_type_is_refused(collections):
    collections.documents.put({"uploads/u": {**upload().fields(), "run": "many"}})

    with pytest.raises(ValidationError, match="run"):
        collections.uploads.read("u")


def test_no_change_is_lost_between_many_writers(collections):
    collections.shops.create(Shop(shop_id="tea"))

    def take(number):
        collections.shops.change("tea", lambda shop: shop.with_turn_of(f"u{number}", now=MADE_AT))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(12)))

    assert collections.shops.read("tea").record.running.number == 12


def test_a_change_of_what_was_read_before_is_made_anew_when_another_came_first(collections):
    stored = collections.shops.create(Shop(shop_id="tea"))
    collections.shops.change("tea", lambda shop: shop.replace(newest=Work("u", 1)))

    changed = collections.shops.change(stored, lambda shop: shop.with_turn_of("v", now=MADE_AT))

    assert changed.record.newest == Work("u", 1)
    assert changed.record.running.upload_id == "v"


def test_a_change_of_what_is_not_there_gives_none(collections):
    assert collections.shops.change("nobody", lambda shop: shop) is None


def test_what_is_not_there_is_created_with_its_change(collections):
    made = collections.shops.create_or_change(
        Shop(shop_id="tea"), lambda shop: shop.replace(newest=Work("u", 1))
    )

    assert collections.shops.read("tea").record == made.record
    assert made.record.newest == Work("u", 1)


def test_records_are_found_and_counted_by_their_fields(collections):
    collections.put(upload("a"), upload("b", status="failed"), upload("c", shop_id="soap"))

    found = collections.uploads.find(shop_id="tea", status="failed")

    assert [one.record.upload_id for one in found] == ["b"]
    assert collections.uploads.count(shop_id="tea") == 2


def test_a_field_that_a_record_has_not_is_refused():
    with pytest.raises(TypeError, match="statuss"):
        upload().replace(statuss="failed")
