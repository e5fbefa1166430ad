import re
import shutil
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from pipeline_lib.clock import now
from pipeline_lib.erasure.stored import COLLECTIONS, Shop
from pipeline_lib.errors import RunUnderWay, ShopBusy
from pipeline_lib.messages import Errand, Work
from pipeline_lib.mining.baskets import encode_shop
from pipeline_lib.phases import redact
from pipeline_lib.records import flags as switches
from pipeline_lib.records import webhooks
from pipeline_lib.runs import counts, intake
from pipeline_lib.runs import leases as once
from pipeline_lib.runs.job import Artefacts
from pipeline_lib.runtime import chain
from tests.planted import (
    MARKERS,
    SHOP,
    began,
    clean,
    drained,
    hash_of,
    kept,
    other_stores,
    planted,
    traces,
    webhook,
)
from tests.shops import ROOT

SOAP = "soap-shop.myshopify.com"
UPLOAD = "uploads/u"
OTHER = {"customers": ["0123456789abcdef"], "orders": []}


@pytest.fixture
def ran(stores):
    """A shop's finished run on a file that holds the shopper."""
    began(stores, planted())
    drained(stores)
    return stores


@pytest.fixture
def unplanted(tmp_path):
    """The same run on the file without her."""
    with other_stores(tmp_path / "clean") as stores:
        began(stores, clean())
        drained(stores)
        yield stores


def certificate(stores, name):
    return stores.documents.read(f"webhooks/{name}").data


def test_an_erased_shopper_is_nowhere_in_what_is_stored(ran):
    markers = (*MARKERS, hash_of(ran))
    assert {path.split("/")[0] for path in traces(ran, *markers)} == {"artefacts", "landing"}

    name = webhook(ran)
    drained(ran)

    assert traces(ran, *markers) == {}
    assert certificate(ran, name)["state"] == "done"


def test_what_is_left_is_what_a_file_without_the_shopper_gives(ran, unplanted):
    webhook(ran)
    drained(ran)

    one, other = kept(ran, run=2), kept(unplanted)
    assert ran.documents.read(UPLOAD).data["status"] == "completed"
    for name in ("ledger/items", "ledger/pairs", "orders", "baskets", "catalog", "candidates"):
        left, right = one.frame(name), other.frame(name)
        columns = [column for column in left.columns if column != "customer"]
        assert left.select(columns).equals(right.select(columns)), name
    assert one.text("ledger.json") == other.text("ledger.json")
    assert one.text("recommendations.json") == other.text("recommendations.json")
    shown = ran.documents.find("recommendations", {"shop_id": SHOP})
    assert len(shown) == len(one.json("recommendations.json"))


def test_the_certificate_says_what_went_and_not_whose_it_was(ran):
    objects = len(ran.ports.artefacts.names("u/1/"))
    shown = len(ran.documents.find("recommendations", {"shop_id": SHOP}))

    name = webhook(ran)
    drained(ran)

    told = certificate(ran, name)
    assert told["runs"] == {
        "u.1": {
            "upload_id": "u",
            "run": 1,
            "orders": 2,
            "objects": objects,
            "carried_over_to": 2,
        }
    }
    assert told["files"] == {"u": 1}
    assert told["subject"] is None
    assert told["event_id"] == "event-1"
    assert told["done_at"] >= told["received_at"]
    assert ran.documents.find("leases", {"state": "held"}) == []
    assert shown


def test_a_shop_without_the_shopper_keeps_all_but_its_raw_files(ran):
    before = {name for name in ran.ports.artefacts.names("u/") if "/rejects" not in name}
    shown = ran.documents.find("recommendations", {"shop_id": SHOP})

    name = webhook(ran, email="somebody.else@example.net")
    ran.documents.put({f"webhooks/{name}": certificate(ran, name) | {"subject": OTHER}})
    drained(ran)

    assert set(ran.ports.artefacts.names("u/")) == before - {"u/1/import.json"}
    assert ran.documents.find("recommendations", {"shop_id": SHOP}) == shown
    assert ran.ports.landing.names("u/") == []
    assert certificate(ran, name)["runs"] == {}


def test_another_shops_shopper_of_the_same_name_is_not_touched(ran):
    name = webhook(ran, shop="soap-shop.myshopify.com")
    before = traces(ran, *MARKERS)

    drained(ran)

    assert {path: one for path, one in before.items() if "state" not in path} == traces(
        ran, *MARKERS
    )
    assert certificate(ran, name)["runs"] == {}


def test_what_was_approved_stays_with_figures_of_the_orders_that_are_left(ran, unplanted):
    found = [one.data for _, one in ran.documents.find("recommendations", {"shop_id": SHOP})]
    again = {one["id"]: one for one in kept(unplanted).json("recommendations.json")}
    made = next(one for one in found if one["id"] in again and one["evidence"]["orders_together"])
    gone = {**made, "id": "u-nobody"}
    bundle = {**made, "recommendation_id": made["id"]}
    approved = {"is_approved": True}
    ran.documents.put(
        {
            f"recommendations/{made['id']}": made | approved,
            "recommendations/u-nobody": gone | approved,
            f"bundles/{made['id']}": bundle,
        }
    )

    webhook(ran)
    drained(ran)

    one = ran.documents.read(f"recommendations/{made['id']}").data
    other = ran.documents.read("recommendations/u-nobody").data
    assert one["evidence"] == again[made["id"]]["evidence"]
    assert ran.documents.read(f"bundles/{made['id']}").data["evidence"] == one["evidence"]
    assert one["pricing"] == made["pricing"]
    assert (other["evidence"]["orders_together"], other["evidence"]["lift"]) == (0, None)


def test_an_erasure_waits_for_a_run_under_way_and_then_finds_what_it_made(stores):
    began(stores, planted())
    name = webhook(stores)

    waited = drained(stores)

    assert waited > 0
    assert stores.documents.read(UPLOAD).data["run"] == 2
    assert traces(stores, *MARKERS, hash_of(stores)) == {}
    assert certificate(stores, name)["runs"]["u.1"]["orders"] == 2


def test_while_everything_is_stopped_what_is_stored_goes_and_the_new_run_waits(ran):
    stopped = switches.blank() | {"stopped": {"reason": "", "by": "admin", "at": now()}}
    ran.documents.put({switches.PATH: stopped})
    name = webhook(ran)

    assert look(ran.ports, name) is False
    while (delivery := ran.topics.take()) is not None:
        with suppress(RunUnderWay):
            chain.receiver(delivery.topic)(delivery.message, ran.ports)
        ran.topics.acknowledge(delivery)
    waits = ran.documents.read(UPLOAD).data
    assert (waits["run"], waits["status"]) == (2, "processing")
    assert {path for path in traces(ran, *MARKERS) if "artefacts" in path} == set()

    ran.documents.put({switches.PATH: switches.blank()})
    intake.continued(ran.ports, waits)
    ran.topics.publish("redact", Errand(name).message())
    drained(ran)
    assert certificate(ran, name)["state"] == "done"
    assert ran.documents.read(UPLOAD).data["status"] == "completed"


class Meddling:
    """Documents of which another begins a run, just when an erasure would begin its own."""

    def __init__(self, documents):
        self._documents, self._begun = documents, False

    def __getattr__(self, name):
        return getattr(self._documents, name)

    def swap(self, path, data, *, since):
        if "remade" in data and not self._begun:
            self._begun = True
            work = intake.begin(self._documents, "u", now=now())
            self.publish("ingest", work.message())
        return self._documents.swap(path, data, since=since)


def test_a_run_that_begins_just_then_is_waited_for_like_any_other(ran):
    name = webhook(ran)
    meddled = Meddling(ran.documents)
    meddled.publish = ran.topics.publish

    assert look(replace(ran.ports, documents=meddled), name) is False
    assert ran.documents.read(UPLOAD).data["run"] == 2
    assert ran.ports.artefacts.names("u/1/lines/")

    drained(ran)
    assert certificate(ran, name)["runs"]["u.1"]["carried_over_to"] == 3
    assert ran.documents.read(UPLOAD).data["status"] == "completed"
    assert traces(ran, *MARKERS, hash_of(ran)) == {}


def test_an_upload_that_still_waits_for_files_waits_for_them_anew(stores):
    began(stores, planted())
    upload = stores.documents.read(UPLOAD).data
    more = {"products": {"name": "u/products/p.csv", "landed_at": None}}
    slots = {**upload["slots"], **more}
    stores.documents.put({UPLOAD: {**upload, "slots": slots}})

    webhook(stores)
    drained(stores)

    left = stores.documents.read(UPLOAD).data
    assert left["status"] == "awaiting_files"
    assert {state["landed_at"] for state in left["slots"].values()} == {None}
    assert traces(stores, *MARKERS) == {}


def test_when_nothing_is_left_to_recommend_what_was_shown_goes_too(stores):
    header, *rows = planted().splitlines(keepends=True)
    hers = [row for row in rows if b"#9900" in row]
    again = [row.replace(b"#9900", b"#%d-" % n) for n in range(40) for row in hers]
    began(stores, header + b"".join([*hers, *again]))
    drained(stores)
    assert stores.documents.find("recommendations", {"shop_id": SHOP})

    webhook(stores)
    drained(stores)

    assert stores.documents.find("recommendations", {"shop_id": SHOP}) == []
    assert "newest" not in stores.documents.read(f"shops/{SHOP}").data
    assert traces(stores, *MARKERS, hash_of(stores)) == {}


def test_an_erasure_that_comes_twice_does_it_once(ran):
    name = webhook(ran)
    drained(ran)
    before = certificate(ran, name)

    ran.topics.publish("redact", Errand(name).message())
    ran.topics.publish("redact", Errand("nobody").message())
    drained(ran)

    assert certificate(ran, name) == before
    assert ran.documents.read(UPLOAD).data["run"] == 2


def test_while_a_run_is_made_again_no_other_of_the_shop_begins(ran):
    name = webhook(ran)
    with pytest.raises(RunUnderWay):
        redact.do(certificate(ran, name), ran.ports, now())
    slots = {"orders": "w/orders/orders.csv"}
    intake.open_upload(
        ran.documents, upload_id="w", shop_id=SHOP, slots=slots, parameters={}, now=now()
    )

    with pytest.raises(ShopBusy):
        intake.begin(ran.documents, "w", now=now())


def test_two_shoppers_at_once_are_both_erased(ran):
    other = next(row for row in kept(ran).frame("lines")["customer"] if row != hash_of(ran))
    names = [webhook(ran, event=event) for event in ("one", "two")]
    second = certificate(ran, names[1]) | {"subject": {"customers": [other], "orders": []}}
    ran.documents.put({f"webhooks/{names[1]}": second})

    drained(ran)

    assert [certificate(ran, name)["state"] for name in names] == ["done", "done"]
    assert traces(ran, *MARKERS, hash_of(ran), other) == {}
    assert ran.documents.read(UPLOAD).data["run"] == 3


def test_a_run_that_continues_others_keeps_their_counts_without_the_shopper(stores, tmp_path):
    first, second = planted(), planted(2_500, names=("#990011", "#990012", "#990013"))
    began(stores, first)
    drained(stores)
    began(stores, second, upload_id="v", parameters={"adds_to": asdict(Work("u", 1))})
    drained(stores)
    with other_stores(tmp_path / "clean") as clear:
        began(clear, clean())
        drained(clear)
        began(clear, clean(2_500), upload_id="v", parameters={"adds_to": asdict(Work("u", 1))})
        drained(clear)
        expected = told(counts.kept(kept(clear, "v"), counts.WHOLE))

    webhook(stores)
    drained(stores)

    assert told(counts.kept(kept(stores, "v", 2), counts.WHOLE)) == expected
    assert traces(stores, *MARKERS, hash_of(stores)) == {}
    assert Shop(stores.ports, SHOP).runs() == [Work("u", 2), Work("v", 2)]
    newest = stores.documents.read(f"shops/{SHOP}").data["newest"]
    assert newest == asdict(Work("v", 2))


def test_what_was_continued_can_be_erased_from_again_and_continued_again(stores, tmp_path):
    after = {"adds_to": asdict(Work("u", 1))}
    began(stores, planted())
    drained(stores)
    began(stores, clean(2_500), upload_id="v", parameters=after)
    drained(stores)
    other = next(one for one in kept(stores).frame("lines")["customer"] if one != hash_of(stores))
    gone = set(kept(stores).frame("lines").filter(customer=other)["order_id"])

    webhook(stores)
    drained(stores)
    name = webhook(stores, event="event-2")
    subject = {"customers": [other], "orders": []}
    stores.documents.put({f"webhooks/{name}": certificate(stores, name) | {"subject": subject}})
    drained(stores)
    assert traces(stores, *MARKERS, hash_of(stores), other) == {}
    newest = stores.documents.read(f"shops/{SHOP}").data["newest"]
    began(stores, clean(100), upload_id="w", parameters={"adds_to": newest})
    drained(stores)

    def orders(upload_id, run):
        return kept(stores, upload_id, run).json("ledger.json")["orders"]

    lines = [kept(stores, *run).frame("baskets")["order"].n_unique() for run in LAST]
    assert gone
    assert [run.run for run in Shop(stores.ports, SHOP).runs()] == [3, 3, 1]
    assert orders("v", 3) == counted(stores, "u", 3) + lines[0]
    assert orders("w", 1) == orders("v", 3) + lines[1]


LAST = (("v", 3), ("w", 1))


def counted(stores, upload_id, run):
    """How many orders of a run's lines are counted, by the phase that counts them."""
    work = Work(upload_id, run)
    artefacts = Artefacts(stores.ports.artefacts, work)
    frames = (artefacts.frame(name) for name in ("lines", "products", "stock"))
    return encode_shop(*frames).baskets["order"].n_unique()


def told(ledger):
    """What a ledger says of what was sold, by SKU."""
    pairs = zip(ledger.counts.left(), ledger.counts.right(), ledger.counts.pair_orders, strict=True)
    singles = zip(ledger.counts.item, ledger.counts.item_orders, strict=True)
    return (
        ledger.facts(),
        {ledger.skus[code]: int(count) for code, count in singles},
        {(ledger.skus[a], ledger.skus[b]): int(count) for a, b, count in pairs},
    )


def test_older_runs_that_nothing_rests_on_are_removed(ran):
    began(ran, clean(2_500), upload_id="v")
    drained(ran)

    name = webhook(ran)
    drained(ran)

    assert Shop(ran.ports, SHOP).runs() == [Work("v", 1)]
    assert certificate(ran, name)["runs"]["u.1"]["carried_over_to"] is None
    assert ran.documents.read("uploads/v").data["run"] == 1
    assert ran.documents.find("recommendations", {"upload_id": "v"})


class Killed(BaseException):
    """As if the process were gone: nothing catches it but the test."""


class Dying:
    """A store of which some writes work and then none; what is deleted goes one by one."""

    def __init__(self, store, left):
        self._store, self._left = store, left

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in {"delete", "write_once", "swap", "put", "publish"}:
            return found

        def write(*given, **more):
            for part in [([one],) for one in given[0]] if name == "delete" else [given]:
                if not self._left:
                    raise Killed
                self._left.pop()
                done = found(*part, **more)
            return done if given[0] else None

        return write


def dying(ports, writes):
    """The ports of a process that is killed at its next write after so many."""
    left = [None] * writes
    names = ("landing", "artefacts", "documents", "topics")
    return replace(ports, **{name: Dying(getattr(ports, name), left) for name in names})


def look(ports, name):
    """One delivery of the errand; whether it is done."""
    try:
        chain.receiver("redact")(Errand(name).message(), ports)
    except RunUnderWay:
        return False
    return True


def held(stores):
    """All that is kept of the run that is carried over, and what the certificate says so far."""
    files = sorted(stores.folder.joinpath("artefacts").rglob("*.*"))
    told = stores.documents.find("webhooks", {})[0][1].data
    upload = stores.documents.read(UPLOAD).data
    return (
        {str(file.relative_to(stores.folder)): file.read_bytes() for file in files},
        {part: told[part] for part in (*webhooks.PARTS, "subject", "state")},
        {name: upload[name] for name in ("run", "status", "slots")},
        len(stores.documents.find("recommendations", {})),
    )


def ends_alike_wherever_it_is_killed(stores, name, tmp_path):
    """Kill the errand at every write, each time from where it stands now; returns how many."""
    stores.close()
    with other_stores(shutil.copytree(stores.folder, tmp_path / "whole")) as whole:
        done = look(whole.ports, name)
        expected = held(whole)
    for writes in range(500):
        with other_stores(shutil.copytree(stores.folder, tmp_path / f"{writes}")) as broken:
            try:
                look(dying(broken.ports, writes), name)
            except Killed:
                once.release_all(broken.documents, now=now())  # as if its lease had run out
            else:
                return writes
            assert look(broken.ports, name) == done
            assert held(broken) == expected
            asked = {one.topic for one in iter(broken.topics.take, None)}
            assert done or "enrich" in asked
    raise AssertionError("it writes without end")


def test_an_erasure_that_is_killed_at_any_write_goes_on_to_the_same_end(ran, tmp_path):
    name = webhook(ran)
    ran.topics.acknowledge(ran.topics.take())

    assert ends_alike_wherever_it_is_killed(ran, name, tmp_path / "first") > 30

    assert look(ran.ports, name) is False
    drained(ran)
    assert ends_alike_wherever_it_is_killed(ran, name, tmp_path / "last") > 5


def test_an_erasure_of_a_shop_that_is_killed_at_any_write_goes_on_to_the_same_end(ran, tmp_path):
    name = webhook(ran, webhooks.SHOP)
    ran.topics.acknowledge(ran.topics.take())

    def left(stores):
        return stores.ports.artefacts.names(""), stores.documents.find("webhooks", {})

    ran.close()
    for writes in range(0, 500, 7):
        with other_stores(shutil.copytree(ran.folder, tmp_path / f"{writes}")) as broken:
            with suppress(Killed):
                look(dying(broken.ports, writes), name)
            once.release_all(broken.documents, now=now())
            assert look(broken.ports, name) is True
            names, kept_documents = left(broken)
            assert names == []
            assert [one.data["documents"]["uploads"] for _, one in kept_documents] == [1]
            assert traces(broken, *MARKERS) == {}


def test_an_erased_shop_leaves_its_certificate_and_nothing_else(ran):
    began(ran, clean(), upload_id="other", shop=SOAP)
    drained(ran)
    ran.documents.put({"flags/current": switches.blank() | {"shops": {SHOP: {"a": 1}, SOAP: {}}}})
    others = set(ran.ports.artefacts.names("other/"))
    proof = webhook(ran, event="before")
    drained(ran)

    name = webhook(ran, webhooks.SHOP)
    drained(ran)

    assert set(ran.ports.artefacts.names("")) == others
    assert [one.split("/")[0] for one in ran.ports.landing.names("")] == ["other"]
    left = ran.database.rows("SELECT path FROM documents WHERE data LIKE ?", (f"%{SHOP}%",))
    assert {path for (path,) in left} == {f"webhooks/{name}", f"webhooks/{proof}"}
    assert ran.documents.find("recommendations", {"shop_id": SOAP})
    told = certificate(ran, name)
    assert told["documents"]["uploads"] == 1
    assert told["runs"]["u.2"]["objects"] > 10


def test_every_collection_with_shops_in_it_is_erased_with_a_shop(ran):
    collections = {path for (path,) in ran.database.rows("SELECT collection FROM documents")}
    sources = "".join(file.read_text() for file in (ROOT / "pipeline_lib").rglob("*.py"))
    written = set(re.findall(r'f"([a-z_]+)/\{', sources))

    assert collections <= {*COLLECTIONS, "flags", "webhooks"}
    assert written - NOT_DOCUMENTS <= {*COLLECTIONS, "webhooks"}


NOT_DOCUMENTS = {"lines", "projects"}  # an artefact's name, and a name of Google's


def test_an_uninstalled_app_stops_what_runs_and_keeps_what_is_stored(stores):
    began(stores, planted())
    stores.ports.documents.read(UPLOAD)
    while stores.documents.read(UPLOAD).data["status"] != "processing":
        delivery = stores.topics.take()
        chain.receiver(delivery.topic)(delivery.message, stores.ports)
        stores.topics.acknowledge(delivery)

    name = webhook(stores, webhooks.UNINSTALLED)
    drained(stores)

    assert stores.documents.read(UPLOAD).data["status"] == "cancelled"
    assert stores.ports.artefacts.names("u/1/lines/")
    assert certificate(stores, name)["runs"]["u.1"]["stopped"] is True


def test_an_uninstall_of_before_does_not_stop_what_began_since(stores):
    began(stores, clean())

    webhook(stores, webhooks.UNINSTALLED, at=now() - timedelta(hours=3))
    drained(stores)

    assert stores.documents.read(UPLOAD).data["status"] == "completed"


def test_a_shopper_who_asks_is_told_which_orders_are_kept_until_she_is_erased(ran):
    name = webhook(ran, webhooks.DATA_REQUEST, event="asked")
    drained(ran)

    told = certificate(ran, name)
    assert told["state"] == "done"
    assert told["runs"]["u.1"]["order_ids"] == ["#990001", "#990002"]
    assert told["expires_at"] - told["done_at"] == webhooks.TOLD_FOR

    erased = webhook(ran)
    drained(ran)

    assert ran.documents.read(f"webhooks/{name}") is None
    assert certificate(ran, erased)["documents"]["webhooks"] == 1
    assert traces(ran, *MARKERS, hash_of(ran)) == {}
