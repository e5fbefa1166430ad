"""What one run of a shop at a time promises on every store, when many uploads begin at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from pipeline_lib.errors import ShopBusy
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs import opening
from tests.uploads import landed, opened, upload_of

UPLOADS = [f"turn-{number}" for number in range(6)]
SHOP = "turning"


def test_of_many_uploads_of_a_shop_at_once_one_is_worked_on(ports):
    at, collections = datetime.now(UTC), Collections(ports.documents)
    names = [opened(ports.documents, one, shop=SHOP, now=at)["orders"] for one in UPLOADS]

    def begin(upload):
        try:
            return opening.begin_run(collections, upload, now=at)[0]
        except ShopBusy:
            return None

    with ThreadPoolExecutor(18) as pool:
        works = [
            *pool.map(lambda name: landed(ports.documents, name, now=at), names),
            *pool.map(begin, UPLOADS * 2),
        ]

    found = [upload_of(ports.documents, upload) for upload in UPLOADS]
    begun = {upload.upload_id for upload in found if upload.status == "processing"}
    shop = collections.shops.read(SHOP).record
    assert len(begun) == 1
    assert {work.upload_id for work in works if work is not None} <= begun
    assert begun == {shop.running.upload_id}
    assert max(upload.run for upload in found) == 1
