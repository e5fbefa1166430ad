import inspect
import io
import re
from datetime import UTC, datetime
from importlib import import_module
from itertools import count

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline_lib import frames, reports
from pipeline_lib.adapters.local.blobs import FolderBlobs
from pipeline_lib.cli.main import main
from pipeline_lib.columns import Frame
from pipeline_lib.errors import BadArtefact, MissingArtefact
from pipeline_lib.messages import Work
from pipeline_lib.runs.job import Artefacts
from tests.shops import small_exports

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def below(handle):
    return [one for sub in handle.__subclasses__() for one in (sub, *below(sub))]


HANDLES = list(dict.fromkeys(below(Frame)))
REPORTS = [one for one in vars(reports).values() if isinstance(one, reports.TextFile)]
OF_ERASURES = {frames.EarlierItems, frames.EarlierPairs, reports.EARLIER}


def named(handle):
    return handle.__name__


@pytest.fixture
def artefacts(tmp_path):
    return Artefacts(FolderBlobs(tmp_path / "artefacts"), Work("u", 1))


def frame_of(handle, **cells):
    """A frame of one row: what is not given is null, or 0 or empty where nothing may be null."""
    row = {
        name: None if column.nullable else blank(column.dtype)
        for name, column in handle.columns.items()
    }
    return pl.DataFrame([row | cells], schema=handle.schema)


def blank(dtype):
    if isinstance(dtype, pl.Struct):
        return {one.name: blank(one.dtype) for one in dtype.fields}
    if isinstance(dtype, pl.List):
        return []
    if dtype == pl.Boolean:
        return False
    return 0 if dtype.is_numeric() else ""


def orders(**changed):
    return frame_of(frames.PlacedOrders, ordered_at=NOON).with_columns(**changed)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (orders().drop("customer"), "orders: column customer is missing"),
        (orders(note=pl.lit("")), "orders: column note is none of its columns"),
        (
            orders().cast({"order": pl.Int64}),
            "orders: column order is Int64, not UInt32",
        ),
        (
            orders().select("ordered_at", "order", "customer"),
            "orders: column ordered_at stands where order should",
        ),
        (
            orders(order=pl.lit(None, pl.UInt32)),
            "orders: column order holds 1 null, and may hold none",
        ),
    ],
)
def test_a_frame_that_is_not_as_its_handle_says_is_not_kept(artefacts, frame, told):
    with pytest.raises(BadArtefact) as refused:
        artefacts.keep(frames.PlacedOrders, frame)

    assert str(refused.value) == told
    assert refused.value.retriable is False
    assert artefacts.blobs.names("") == []


def test_nan_is_refused_in_a_column_and_in_a_field_of_one(artefacts):
    nan = float("nan")
    parts = {**dict.fromkeys(frames.ScoreFields.columns, 0.5), "lift": nan}

    with pytest.raises(BadArtefact, match=r"^fits: column gift_box holds NaN$"):
        artefacts.keep(frames.Fits, frame_of(frames.Fits, gift_box=nan))
    with pytest.raises(BadArtefact, match=r"^portfolio: column score_parts lift holds NaN$"):
        artefacts.keep(frames.Portfolio, frame_of(frames.Portfolio, score_parts=parts))


def put(artefacts, name, content):
    artefacts.blobs.write_once(f"u/1/{name}", content)


def parquet(frame, **metadata):
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata=metadata)
    return buffer.getvalue()


def test_what_was_kept_otherwise_is_refused_when_it_is_read(artefacts):
    put(artefacts, "orders.parquet", parquet(orders().drop("customer")))
    put(artefacts, "baskets.parquet", b"junk")
    put(artefacts, "fits.parquet", parquet(frames.Fits.empty(), format="0"))

    with pytest.raises(BadArtefact, match=r"^orders: column customer is missing$"):
        artefacts.frame(frames.PlacedOrders)
    with pytest.raises(BadArtefact, match="unable to find column"):
        artefacts.frame(frames.PlacedOrders, [frames.PlacedOrders.customer])
    with pytest.raises(BadArtefact, match=r"^baskets.parquet: it cannot be read"):
        artefacts.frame(frames.BasketItems)
    with pytest.raises(BadArtefact, match="was kept in format 0, not 1"):
        artefacts.frame(frames.Fits)


def test_of_some_columns_only_those_are_checked(artefacts):
    columns = [frames.PlacedOrders.ordered_at, frames.PlacedOrders.order]
    put(artefacts, "orders.parquet", parquet(orders().drop("customer")))

    found = artefacts.frame(frames.PlacedOrders, columns)

    assert found.rows() == [(NOON, 0)]


def test_a_frame_kept_before_formats_had_numbers_is_judged_by_its_columns(artefacts):
    put(artefacts, "orders.parquet", parquet(orders()))

    assert artefacts.frame(frames.PlacedOrders).equals(orders())


def test_what_nobody_kept_is_missing(artefacts):
    for handle in (frames.OrderLines, frames.Catalog):
        with pytest.raises(MissingArtefact):
            artefacts.frame(handle)


def test_parts_are_one_frame_in_their_order(artefacts):
    lines = [frame_of(frames.OrderLines, sku=sku) for sku in "abc"]
    for part in (2, 0, 1):
        artefacts.keep(frames.OrderLines, lines[part], part=part)

    assert artefacts.frame(frames.OrderLines)["sku"].to_list() == ["a", "b", "c"]
    assert [part["sku"][0] for part in artefacts.parts(frames.OrderLines)] == ["a", "b", "c"]


def test_a_row_has_its_columns_as_attributes_and_their_fields_too():
    stored = {
        "items": [1, 2],
        "bounds": {"low": 5, "high": 9, "low_by": "cost", "high_by": "least_discount"},
        "tiers": [{"units": 3, "price_minor": 700}],
        "margin_pct": None,
    }

    row = frames.Priced(stored)

    assert row.items == [1, 2]
    assert (row.bounds.low, row.bounds.low_by) == (5, "cost")
    assert [(tier.units, tier.price_minor) for tier in row.tiers] == [(3, 700)]
    assert row.margin_pct is None


@pytest.mark.parametrize("handle", HANDLES, ids=named)
def test_no_column_hides_what_a_handle_says_of_itself(handle):
    said = {"columns", "schema", "rows", "empty", "check", "stored"}
    said |= {"artefact", "kept_by", "in_parts"}

    assert not said & set(handle.columns)
    assert list(handle.columns) == handle.empty().columns


def test_artefacts_have_names_of_their_own():
    names = [handle.artefact for handle in HANDLES] + [report.name for report in REPORTS]

    assert len(set(names)) == len(names)


def test_each_artefact_is_kept_where_its_handle_says():
    ledgers = {"LedgerItems", "LedgerPairs", "LEDGER", "EarlierItems", "EarlierPairs", "EARLIER"}
    texts = {name: one for name, one in vars(reports).items() if one in REPORTS}
    for name, one in {**{handle.__name__: handle for handle in HANDLES}, **texts}.items():
        module = import_module(f"pipeline_lib.phases.{one.kept_by}")
        keeps = rf"\.keep(_json|_text)?\(\s*(frames\.|reports\.)?{name},"
        assert name in ledgers or re.search(keeps, inspect.getsource(module)), name


def values(dtype):
    """Any value of the type but NaN."""
    if isinstance(dtype, pl.Struct):
        return st.fixed_dictionaries({one.name: values(one.dtype) for one in dtype.fields})
    if isinstance(dtype, pl.List):
        return st.lists(values(dtype.inner), max_size=3)
    if isinstance(dtype, pl.Datetime):
        return st.datetimes(timezones=st.just(UTC))
    if dtype.is_integer():
        return st.integers(pl.select(dtype.min()).item(), pl.select(dtype.max()).item())
    plain = {
        pl.String: st.text(max_size=5),
        pl.Boolean: st.booleans(),
        pl.Float64: st.floats(allow_nan=False),
    }
    return plain[dtype.base_type()]


def made(handle):
    """Frames that the handle allows."""
    cells = {
        name: values(handle.schema[name]) | (st.none() if column.nullable else st.nothing())
        for name, column in handle.columns.items()
    }
    rows = st.lists(st.fixed_dictionaries(cells), max_size=3)
    return rows.map(lambda given: pl.DataFrame(given, schema=handle.schema))


@pytest.mark.parametrize("handle", HANDLES, ids=named)
def test_what_is_kept_is_what_is_read(handle, tmp_path):
    runs = count()

    @settings(max_examples=15)
    @given(made(handle))
    def kept_and_read(frame):
        artefacts = Artefacts(FolderBlobs(tmp_path), Work("u", next(runs)))
        artefacts.keep(handle, frame, part=0 if handle.in_parts else None)
        assert_frame_equal(artefacts.frame(handle), frame)

    kept_and_read()


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The artefacts of a whole run of a small shop."""
    folder = tmp_path_factory.mktemp("frames")
    files = small_exports(folder / "exports", lines=2_000)
    given = [text for slot, file in files.items() for text in (f"--{slot}", str(file))]
    assert main(["run", *given, "--out", str(folder / "out")]) == 0
    blobs = FolderBlobs(folder / "out/.state/artefacts")
    upload_id, run, _ = blobs.names("")[0].split("/", 2)
    return Artefacts(blobs, Work(upload_id, int(run)))


def test_every_artefact_of_a_run_reads_back_through_its_handle(ran):
    for handle in set(HANDLES) - OF_ERASURES:
        frame = ran.frame(handle)
        assert frame.schema == handle.schema
        assert len(frame), handle
    for report in set(REPORTS) - OF_ERASURES:
        text = ran.text(report)
        if isinstance(report, reports.Report):
            assert report.to_json(report.from_json(text)) == text


def test_a_run_keeps_nothing_without_a_handle(ran):
    work = f"{ran.work.upload_id}/{ran.work.run}/"
    kept = {name.removeprefix(work) for name in ran.blobs.names(work)}

    in_parts = tuple(f"{handle.artefact}/" for handle in HANDLES if handle.in_parts)
    parts = {name for name in kept if name.startswith(in_parts)}
    whole = {handle for handle in HANDLES if not handle.in_parts} - OF_ERASURES
    known = {f"{handle.artefact}.parquet" for handle in whole}
    known |= {report.name for report in set(REPORTS) - OF_ERASURES}
    assert kept - parts == known
    assert {name.split("/")[0] for name in parts} == {"lines", "set_aside"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"currency": "GBP"}', "facts.json: newest_order: Field required"),
        ('{"currency": "GBP", "newest_order": null, "old": 1}', "facts.json: old: Extra inputs"),
        ("[]", "facts.json: Input should be an object"),
        ("{", "facts.json: Invalid JSON"),
    ],
)
def test_a_report_that_is_not_as_its_model_says_is_refused(artefacts, text, told):
    put(artefacts, "facts.json", text.encode())

    with pytest.raises(BadArtefact) as refused:
        artefacts.json(reports.FACTS)

    assert str(refused.value).startswith(told)


def test_a_report_of_nan_is_not_even_made():
    with pytest.raises(ValueError, match="finite"):
        reports.Worth(revenue=float("nan"), margin=0.0, risk=0.0)
