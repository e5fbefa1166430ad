import re
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline_lib import frames, reports
from pipeline_lib.clock import now
from pipeline_lib.erasure.customer import erase_customer
from pipeline_lib.erasure.stored import ShopStores
from pipeline_lib.errors import RunUnderWay, ShopBusy
from pipeline_lib.messages import PrivacyTask, Work
from pipeline_lib.mining.baskets import encode_shop
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import FlagSettings, Stop
from pipeline_lib.records.record import Record
from pipeline_lib.records.uploads import Parameters, Slot
from pipeline_lib.records.webhooks import FoundRun, Subject, Webhook
from pipeline_lib.runs import counts
from pipeline_lib.runs.job import Artefacts
from pipeline_lib.runs.leases import free_all_leases
from pipeline_lib.runs.opening import begin_run, publish_unfinished
from pipeline_lib.runtime.receiver import handler_of
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
from tests.recommendations.made_recommendations import bundle_of
from tests.shops import ROOT
from tests.uploads import opened, upload_of

SOAP = "soap-shop.myshopify.com"
OTHER = Subject(customers=("0123456789abcdef",))


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
    return Collections(stores.documents).webhooks.read(name).record


def published(stores, shop=SHOP):
    """The run that the shop's recommendations come from."""
    return Collections(stores.documents).shops.read(shop).record.newest


def shown(stores, **where):
    """The recommendations that are stored of a shop, or of what is asked for."""
    found = Collections(stores.documents).recommendations.find(**(where or {"shop_id": SHOP}))
    return [one.record for one in found]


def about(stores, name, subject):
    """Make the webhook one about another subject."""
    Collections(stores.documents).put(certificate(stores, name).replace(subject=subject))


def test_an_erased_shopper_is_nowhere_in_what_is_stored(ran):
    markers = (*MARKERS, hash_of(ran))
    assert {path.split("/")[0] for path in traces(ran, *markers)} == {"artefacts", "landing"}

    name = webhook(ran)
    drained(ran)

    assert traces(ran, *markers) == {}
    assert certificate(ran, name).state == "done"


SHOPPERLESS = (
    frames.LedgerItems,
    frames.LedgerPairs,
    frames.PlacedOrders,
    frames.BasketItems,
    frames.Catalog,
    frames.Candidates,
)


def test_what_is_left_is_what_a_file_without_the_shopper_gives(ran, unplanted):
    webhook(ran)
    drained(ran)

    one, other = kept(ran, run=2), kept(unplanted)
    assert upload_of(ran.documents, "u").status == "completed"
    for handle in SHOPPERLESS:
        left, right = one.frame(handle), other.frame(handle)
        columns = [column for column in left.columns if column != "customer"]
        assert left.select(columns).equals(right.select(columns)), handle
    assert one.text(reports.LEDGER) == other.text(reports.LEDGER)
    assert one.text(reports.RECOMMENDATIONS) == other.text(reports.RECOMMENDATIONS)
    assert len(shown(ran)) == len(one.json(reports.RECOMMENDATIONS))


def test_the_certificate_says_what_went_and_not_whose_it_was(ran):
    objects = len(ran.ports.artefacts.names("u/1/"))
    before = shown(ran)

    name = webhook(ran)
    drained(ran)

    told = certificate(ran, name)
    assert told.runs == {
        "u.1": FoundRun(upload_id="u", run=1, orders=2, objects=objects, carried_over_to=2)
    }
    assert told.files == {"u": 1}
    assert told.subject is None
    assert told.event_id == "event-1"
    assert told.done_at >= told.received_at
    assert Collections(ran.documents).leases.find(state="held") == []
    assert before


def test_a_shop_without_the_shopper_keeps_all_but_its_raw_files(ran):
    before = {name for name in ran.ports.artefacts.names("u/") if "/rejects" not in name}
    recommended = shown(ran)

    name = webhook(ran, email="somebody.else@example.net")
    about(ran, name, OTHER)
    drained(ran)

    assert set(ran.ports.artefacts.names("u/")) == before - {"u/1/import.json"}
    assert shown(ran) == recommended
    assert ran.ports.landing.names("u/") == []
    assert certificate(ran, name).runs == {}


def test_another_shops_shopper_of_the_same_name_is_not_touched(ran):
    name = webhook(ran, shop="soap-shop.myshopify.com")
    before = traces(ran, *MARKERS)

    drained(ran)

    assert {path: one for path, one in before.items() if "state" not in path} == traces(
        ran, *MARKERS
    )
    assert certificate(ran, name).runs == {}


def test_what_was_approved_stays_with_figures_of_the_orders_that_are_left(ran, unplanted):
    stored = Collections(ran.documents)
    again = {one.id: one for one in shown(unplanted)}
    made = next(one for one in shown(ran) if one.id in again and one.evidence.orders_together)
    approved = made.replace(is_approved=True)
    stored.put(approved, approved.replace(id="u-nobody"), bundle_of(made))

    webhook(ran)
    drained(ran)

    one = stored.recommendations.read(made.id).record
    other = stored.recommendations.read("u-nobody").record
    assert one.evidence == again[made.id].evidence
    assert stored.bundles.read(made.id).record.evidence == one.evidence
    assert one.pricing == made.pricing
    assert (other.evidence.orders_together, other.evidence.lift) == (0, None)


def test_an_erasure_waits_for_a_run_under_way_and_then_finds_what_it_made(stores):
    began(stores, planted())
    name = webhook(stores)

    waited = drained(stores)

    assert waited > 0
    assert upload_of(stores.documents, "u").run == 2
    assert traces(stores, *MARKERS, hash_of(stores)) == {}
    assert certificate(stores, name).runs["u.1"].orders == 2


def test_while_everything_is_stopped_what_is_stored_goes_and_the_new_run_waits(ran):
    stored = Collections(ran.documents)
    stored.put(FlagSettings(stopped=Stop(reason="", by="admin", at=now())))
    name = webhook(ran)

    assert look(ran.ports, name) is False
    while (delivery := ran.topics.take()) is not None:
        with suppress(RunUnderWay):
            handler_of(delivery.topic)(delivery.message, ran.ports)
        ran.topics.acknowledge(delivery)
    waits = upload_of(ran.documents, "u")
    assert (waits.run, waits.status) == (2, "processing")
    assert {path for path in traces(ran, *MARKERS) if "artefacts" in path} == set()

    stored.put(FlagSettings())
    publish_unfinished(ran.ports, waits)
    ran.topics.publish("redact", PrivacyTask(name).message())
    drained(ran)
    assert certificate(ran, name).state == "done"
    assert upload_of(ran.documents, "u").status == "completed"


class Meddling:
    """Documents of which another begins a run, just when an erasure would begin its own."""

    def __init__(self, documents):
        self._documents, self._begun = documents, False

    def __getattr__(self, name):
        return getattr(self._documents, name)

    def swap(self, path, data, *, since):
        if data.get("remade") is not None and not self._begun:
            self._begun = True
            work, _ = begin_run(Collections(self._documents), "u", now=now())
            self.publish("ingest", work.message())
        return self._documents.swap(path, data, since=since)


def test_a_run_that_begins_just_then_is_waited_for_like_any_other(ran):
    name = webhook(ran)
    meddled = Meddling(ran.documents)
    meddled.publish = ran.topics.publish

    assert look(replace(ran.ports, documents=meddled), name) is False
    assert upload_of(ran.documents, "u").run == 2
    assert ran.ports.artefacts.names("u/1/lines/")

    drained(ran)
    assert certificate(ran, name).runs["u.1"].carried_over_to == 3
    assert upload_of(ran.documents, "u").status == "completed"
    assert traces(ran, *MARKERS, hash_of(ran)) == {}


def test_an_upload_that_still_waits_for_files_waits_for_them_anew(stores):
    began(stores, planted())
    upload = upload_of(stores.documents, "u")
    more = Slot(slot="products", name="u/products/p.csv")
    Collections(stores.documents).put(upload.replace(slots=(*upload.slots, more)))

    webhook(stores)
    drained(stores)

    left = upload_of(stores.documents, "u")
    assert left.status == "awaiting_files"
    assert not any(slot.is_there for slot in left.slots)
    assert traces(stores, *MARKERS) == {}


def test_when_nothing_is_left_to_recommend_what_was_shown_goes_too(stores):
    header, *rows = planted().splitlines(keepends=True)
    hers = [row for row in rows if b"#9900" in row]
    again = [row.replace(b"#9900", b"#%d-" % n) for n in range(40) for row in hers]
    lone = hers[0].replace(b"CUP-DBL-250", b"LONE")  # chance needs orders without the pair
    others = [lone.replace(b"#990001", b"#8%03d" % n) for n in range(60)]
    began(stores, header + b"".join([*hers, *again, *others]))
    drained(stores)
    assert shown(stores)

    webhook(stores)
    drained(stores)

    assert shown(stores) == []
    assert published(stores) is None
    assert traces(stores, *MARKERS, hash_of(stores)) == {}


def test_an_erasure_that_comes_twice_does_it_once(ran):
    name = webhook(ran)
    drained(ran)
    before = certificate(ran, name)

    ran.topics.publish("redact", PrivacyTask(name).message())
    ran.topics.publish("redact", PrivacyTask("nobody").message())
    drained(ran)

    assert certificate(ran, name) == before
    assert upload_of(ran.documents, "u").run == 2


def test_while_a_run_is_made_again_no_other_of_the_shop_begins(ran):
    name = webhook(ran)
    with pytest.raises(RunUnderWay):
        erase_customer(certificate(ran, name), ran.ports, now())
    stored = Collections(ran.documents)
    opened(ran.documents, "w", shop=SHOP, now=now())

    with pytest.raises(ShopBusy):
        begin_run(stored, "w", now=now())


def test_two_shoppers_at_once_are_both_erased(ran):
    other = next(
        row for row in kept(ran).frame(frames.OrderLines)["customer"] if row != hash_of(ran)
    )
    names = [webhook(ran, event=event) for event in ("one", "two")]
    about(ran, names[1], Subject(customers=(other,)))

    drained(ran)

    assert [certificate(ran, name).state for name in names] == ["done", "done"]
    assert traces(ran, *MARKERS, hash_of(ran), other) == {}
    assert upload_of(ran.documents, "u").run == 3


AFTER_U = Parameters(adds_to=Work("u", 1))


def test_a_run_that_continues_others_keeps_their_counts_without_the_shopper(stores, tmp_path):
    first, second = planted(), planted(2_500, names=("#990011", "#990012", "#990013"))
    began(stores, first)
    drained(stores)
    began(stores, second, upload_id="v", parameters=AFTER_U)
    drained(stores)
    with other_stores(tmp_path / "clean") as clear:
        began(clear, clean())
        drained(clear)
        began(clear, clean(2_500), upload_id="v", parameters=AFTER_U)
        drained(clear)
        expected = told(counts.kept(kept(clear, "v"), counts.WHOLE))

    webhook(stores)
    drained(stores)

    assert told(counts.kept(kept(stores, "v", 2), counts.WHOLE)) == expected
    assert traces(stores, *MARKERS, hash_of(stores)) == {}
    assert ShopStores(stores.ports, SHOP).runs() == [Work("u", 2), Work("v", 2)]
    assert published(stores) == Work("v", 2)


def test_what_was_continued_can_be_erased_from_again_and_continued_again(stores, tmp_path):
    began(stores, planted())
    drained(stores)
    began(stores, clean(2_500), upload_id="v", parameters=AFTER_U)
    drained(stores)
    other = next(
        one for one in kept(stores).frame(frames.OrderLines)["customer"] if one != hash_of(stores)
    )
    gone = set(kept(stores).frame(frames.OrderLines).filter(customer=other)["order_id"])

    webhook(stores)
    drained(stores)
    name = webhook(stores, event="event-2")
    about(stores, name, Subject(customers=(other,)))
    drained(stores)
    assert traces(stores, *MARKERS, hash_of(stores), other) == {}
    began(stores, clean(100), upload_id="w", parameters=Parameters(adds_to=published(stores)))
    drained(stores)

    def orders(upload_id, run):
        return kept(stores, upload_id, run).json(reports.LEDGER).orders

    lines = [kept(stores, *run).frame(frames.BasketItems)["order"].n_unique() for run in LAST]
    assert gone
    assert [run.run for run in ShopStores(stores.ports, SHOP).runs()] == [3, 3, 1]
    assert orders("v", 3) == counted(stores, "u", 3) + lines[0]
    assert orders("w", 1) == orders("v", 3) + lines[1]


LAST = (("v", 3), ("w", 1))


def counted(stores, upload_id, run):
    """How many orders of a run's lines are counted, by the phase that counts them."""
    work = Work(upload_id, run)
    artefacts = Artefacts(stores.ports.artefacts, work)
    handles = (frames.OrderLines, frames.Products, frames.StockLevels)
    return encode_shop(*map(artefacts.frame, handles)).baskets["order"].n_unique()


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

    assert ShopStores(ran.ports, SHOP).runs() == [Work("v", 1)]
    assert certificate(ran, name).runs["u.1"].carried_over_to is None
    assert upload_of(ran.documents, "v").run == 1
    assert shown(ran, upload_id="v")


class Killed(BaseException):
    """As if the process were gone: nothing catches it but the test."""


class Dying:
    """A store of which some writes work and then none; what is deleted goes one by one."""

    def __init__(self, store, left):
        self._store, self._left = store, left

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in {"delete", "write_once", "swap", "swap_all", "put", "publish"}:
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
    """One delivery of the task; whether it is done."""
    try:
        handler_of("redact")(PrivacyTask(name).message(), ports)
    except RunUnderWay:
        return False
    return True


def held(stores):
    """All that is kept of the run that is carried over, and what the certificate says so far."""
    files = sorted(stores.folder.joinpath("artefacts").rglob("*.*"))
    [told] = Collections(stores.documents).webhooks.find()
    return (
        {str(file.relative_to(stores.folder)): file.read_bytes() for file in files},
        told.record.model_dump(include={"runs", "files", "documents", "subject", "state"}),
        upload_of(stores.documents, "u").model_dump(include={"run", "status"}),
        [slot.is_there for slot in upload_of(stores.documents, "u").slots],
        len(shown(stores)),
    )


def ends_alike_wherever_it_is_killed(stores, name, tmp_path):
    """Kill the task at every write, each time from where it stands now; returns how many."""
    stores.close()
    with other_stores(shutil.copytree(stores.folder, tmp_path / "whole")) as whole:
        done = look(whole.ports, name)
        expected = held(whole)
    for writes in range(500):
        with other_stores(shutil.copytree(stores.folder, tmp_path / f"{writes}")) as broken:
            try:
                look(dying(broken.ports, writes), name)
            except Killed:
                free_all_leases(Collections(broken.documents), now=now())  # as if it had run out
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
    assert ends_alike_wherever_it_is_killed(ran, name, tmp_path / "last") > 4


def test_an_erasure_of_a_shop_that_is_killed_at_any_write_goes_on_to_the_same_end(ran, tmp_path):
    name = webhook(ran, "shop/redact")
    ran.topics.acknowledge(ran.topics.take())

    def left(stores):
        certificates = Collections(stores.documents).webhooks.find()
        return stores.ports.artefacts.names(""), [one.record for one in certificates]

    ran.close()
    for writes in range(0, 500, 7):
        with other_stores(shutil.copytree(ran.folder, tmp_path / f"{writes}")) as broken:
            with suppress(Killed):
                look(dying(broken.ports, writes), name)
            free_all_leases(Collections(broken.documents), now=now())
            assert look(broken.ports, name) is True
            names, certificates = left(broken)
            assert names == []
            assert [one.documents["uploads"] for one in certificates] == [1]
            assert traces(broken, *MARKERS) == {}


def test_an_erased_shop_leaves_its_certificate_and_nothing_else(ran):
    began(ran, clean(), upload_id="other", shop=SOAP)
    drained(ran)
    Collections(ran.documents).put(FlagSettings(shops={SHOP: {"a": 1}, SOAP: {}}))
    others = set(ran.ports.artefacts.names("other/"))
    proof = webhook(ran, event="before")
    drained(ran)

    name = webhook(ran, "shop/redact")
    drained(ran)

    assert set(ran.ports.artefacts.names("")) == others
    assert [one.split("/")[0] for one in ran.ports.landing.names("")] == ["other"]
    left = ran.database.rows("SELECT path FROM documents WHERE data LIKE ?", (f"%{SHOP}%",))
    assert {path for (path,) in left} == {f"webhooks/{name}", f"webhooks/{proof}"}
    assert shown(ran, shop_id=SOAP)
    told = certificate(ran, name)
    assert told.documents["uploads"] == 1
    assert told.runs["u.2"].objects > 10


class Asked:
    """Documents that remember in which collections somebody looked for a shop's, and hold none."""

    def __init__(self):
        self.collections = set()

    def find(self, collection, where, **_):
        assert where == {"shop_id": SHOP}
        self.collections.add(collection)
        return []


def test_every_collection_with_shops_in_it_is_erased_with_a_shop(ran):
    asked = Asked()
    list(Collections(asked).all_of_shop(SHOP))
    erased = {*asked.collections, FlagSettings.collection, Webhook.collection}
    used = {path for (path,) in ran.database.rows("SELECT collection FROM documents")}
    sources = "".join(file.read_text() for file in (ROOT / "pipeline_lib").rglob("*.py"))
    written = set(re.findall(r'f"([a-z_]+)/\{', sources))

    assert {model.collection for model in Record.__subclasses__()} == erased
    assert used <= erased
    assert written - NOT_DOCUMENTS <= erased


NOT_DOCUMENTS = {"lines", "set_aside", "projects"}  # an artefact's name, and a name of Google's


def test_an_uninstalled_app_stops_what_runs_and_keeps_what_is_stored(stores):
    began(stores, planted())
    while upload_of(stores.documents, "u").status != "processing":
        delivery = stores.topics.take()
        handler_of(delivery.topic)(delivery.message, stores.ports)
        stores.topics.acknowledge(delivery)

    name = webhook(stores, "app/uninstalled")
    drained(stores)

    assert upload_of(stores.documents, "u").status == "cancelled"
    assert stores.ports.artefacts.names("u/1/lines/")
    assert certificate(stores, name).runs["u.1"].stopped is True


def test_an_uninstall_of_before_does_not_stop_what_began_since(stores):
    began(stores, clean())

    webhook(stores, "app/uninstalled", at=now() - timedelta(hours=3))
    drained(stores)

    assert upload_of(stores.documents, "u").status == "completed"


def test_a_shopper_who_asks_is_told_which_orders_are_kept_until_she_is_erased(ran):
    name = webhook(ran, "customers/data_request", event="asked")
    drained(ran)

    told = certificate(ran, name)
    assert told.state == "done"
    assert told.runs["u.1"].order_ids == ("#990001", "#990002")
    assert told.expires_at - told.done_at == Webhook.kept_for

    erased = webhook(ran)
    drained(ran)

    assert Collections(ran.documents).webhooks.read(name) is None
    assert certificate(ran, erased).documents["webhooks"] == 1
    assert traces(ran, *MARKERS, hash_of(ran)) == {}
