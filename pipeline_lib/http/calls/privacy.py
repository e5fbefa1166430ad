"""What came of privacy webhooks: certificates and shoppers' requests; nothing is done here."""

from pipeline_lib.http.bodies.webhooks import Record, Records, RecordsAsked, ShopRecordsAsked
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.shelf import Shelf, own_ones, page
from pipeline_lib.ports import Data, Order


def own(call: Call, asked: RecordsAsked) -> Records:
    """The shop's own."""
    return _page(call, own_ones(call), asked)


def every(call: Call, asked: ShopRecordsAsked) -> Records:
    """A shop's, or all: what proves that a shop was erased is left to operators."""
    return _page(call, {} if asked.shop is None else {"shop_id": asked.shop}, asked)


def _page(call: Call, where: Data, asked: RecordsAsked) -> Records:
    shelf = Shelf("webhooks", where, Order("received_at", down=True))
    part, following = page(call, shelf, limit=asked.limit, cursor=asked.cursor)
    return Records(records=[_told(one) for one in part], next_cursor=following)


def _told(stored: Data) -> Record:
    runs = [stored["runs"][name] for name in sorted(stored["runs"])]
    files = sum(stored["files"].values())
    return Record.model_validate({**stored, "runs": runs, "files": files})


ROWS = (
    Endpoint(
        "GET",
        "/api/privacy/records",
        "What came of the shop's privacy webhooks",
        Access.SHOP,
        own,
        Records,
        (265, 294),
        asks=RecordsAsked,
    ),
    Endpoint(
        "GET",
        "/api/admin/privacy/records",
        "What came of privacy webhooks: the certificates",
        Access.VIEWER,
        every,
        Records,
        (265, 294),
        asks=ShopRecordsAsked,
    ),
)
