"""Reads a shop's exports into typed frames and says what became of every row; it links nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

import polars as pl

from pipeline_lib.errors import BadExport, MissingArtefact
from pipeline_lib.exports import (
    CAPS,
    RULES,
    Batch,
    Rules,
    Survey,
    mapping_report,
    read_inventory,
    read_orders,
    read_products,
    survey,
)
from pipeline_lib.frames import LINES, PRODUCTS, STOCK
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import last_order
from pipeline_lib.money import UNKNOWN
from pipeline_lib.runs.job import Job

KINDS = {  # what may come in each slot
    "orders": {"orders", "order_lines"},
    "supplement": {"orders", "order_lines"},
    "products": {"products", "catalogue", "quick_install"},
    "inventory": {"inventory"},
    "catalog": {"catalogue", "products", "quick_install"},
}
Surveys = dict[str, Survey]

PRICED = ("orders", "supplement", "catalog", "products")
FRONT = ("file", "row", "line", "reason")


@dataclass
class Account:
    """What became of the rows of all files."""

    rows: int = 0
    kept: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    altered: Counter[str] = field(default_factory=Counter)
    rejected: list[pl.DataFrame] = field(default_factory=list)

    def add(self, file: str, batch: Batch) -> None:
        """Count a batch, and remember its rejected rows."""
        self.rows += batch.rows
        self.kept += len(batch.kept)
        self.set_aside.update(batch.set_aside)
        self.altered.update(batch.altered)
        if len(batch.rejected):
            self.rejected.append(batch.rejected.insert_column(0, pl.lit(file).alias("file")))

    def rejects(self) -> pl.DataFrame:
        """The rejected rows of all files, with the columns of each."""
        blank = pl.DataFrame(schema=dict.fromkeys(FRONT, pl.String)).clear()
        return pl.concat(self.rejected, how="diagonal") if self.rejected else blank


def run(job: Job) -> Outcome:
    """Read the files that have landed, keep lines, products, stock, facts, report and rejects.

    Raises:
        BadExport: a file is not what its slot asks for, or can not be read.
        MissingArtefact: a file that had landed is gone.
    """
    surveys = {slot: _surveyed(job, slot) for slot in job.files}
    account = Account()
    currency = _currency(surveys)

    newest, lines = _keep_lines(job, surveys, account)
    products = _keep_products(job, surveys, currency, account)
    _keep_stock(job, surveys.get("inventory"), account)

    told = None if newest is None else newest.isoformat()
    job.artefacts.keep_json("facts.json", {"currency": currency, "newest_order": told})
    job.artefacts.keep_json("import.json", _report(surveys, account))
    job.artefacts.keep_text("rejects.csv", account.rejects().write_csv())
    shop = job.documents.read(f"shops/{job.shop_id}")
    first_time = shop is None or "newest" not in shop.data
    return Outcome(
        read={"rows": account.rows},
        kept={"lines": lines, "products": products, "rejected": _height(account.rejected)},
        then=("quickstart", "enrich") if first_time and lines else ("enrich",),
    )


def _currency(surveys: Surveys) -> str:
    """What the orders are in; without any, what the products are in."""
    named = (surveys[slot].currency for slot in PRICED if slot in surveys)
    return next((currency for currency in named if currency), UNKNOWN)


def _surveyed(job: Job, slot: str) -> Survey:
    name = job.files[slot]
    with _opened(job, slot) as stream:
        found = survey(stream, file=name.rsplit("/", 1)[-1])
    if found.kind not in KINDS[slot]:
        told = found.kind.replace("_", " ")
        raise BadExport(found.file, f"it is a file of {told}, not of {slot}; give it as such")
    return found


def _opened(job: Job, slot: str) -> BinaryIO:
    stream = job.landing.open(job.files[slot])
    if stream is None:
        raise MissingArtefact(f"{job.files[slot]} is not in the bucket any more")
    return stream


def _keep_lines(job: Job, surveys: Surveys, account: Account) -> tuple[datetime | None, int]:
    """Keep the order lines part by part as they are read; returns the newest time and the count.

    A supplement holds rows of the orders file that were rejected and then corrected.
    """
    times = [pl.DataFrame(schema=pl.Schema(LINES))]
    job.artefacts.keep("lines/00000", times[0])
    lines = 0
    for slot in ("orders", "supplement"):
        for batch in _orders(job, slot, surveys):
            account.add(surveys[slot].file, batch)
            job.artefacts.keep(f"lines/{len(times):05}", batch.kept)
            times.append(batch.kept.select(pl.col("ordered_at").max()))
            lines += len(batch.kept)
            job.beat(f"Read {account.rows:,} rows", share=0.5, rows=account.rows, lines=lines)
    return last_order(pl.concat([part.select("ordered_at") for part in times])), lines


def _orders(job: Job, slot: str, surveys: Surveys) -> Iterator[Batch]:
    if slot in surveys:
        key = job.secrets.read("customer_key")
        first = surveys.get("orders", surveys[slot])
        rules = Rules(off=_off(job), currency=first.currency)
        with _opened(job, slot) as stream:
            yield from read_orders(stream, surveys[slot], rules=rules, customer_key=key)


def _off(job: Job) -> frozenset[str]:
    """The rules that shall not act."""
    if not job.flags["phase.csv_validation"]:
        return frozenset({*RULES, *CAPS})
    return frozenset(job.parameters.get("rules_off", ()))


def _keep_products(job: Job, surveys: Surveys, currency: str, account: Account) -> int:
    """Keep the products of both possible files, the joined catalogue's where both name one."""
    parts = [pl.DataFrame(schema=pl.Schema(PRODUCTS))]
    for slot in ("catalog", "products"):
        if slot in surveys:
            with _opened(job, slot) as stream:
                batch = read_products(stream, surveys[slot], currency=currency)
            account.add(surveys[slot].file, batch)
            parts.append(batch.kept.select(*PRODUCTS))
    products = pl.concat(parts).unique("sku", keep="first", maintain_order=True)
    job.artefacts.keep("products", products)
    return len(products)


def _keep_stock(job: Job, inventory: Survey | None, account: Account) -> None:
    stock = pl.DataFrame(schema=pl.Schema(STOCK))
    if inventory is not None:
        with _opened(job, "inventory") as stream:
            batch = read_inventory(stream, inventory)
        account.add(inventory.file, batch)
        stock = batch.kept.select(*STOCK)
    job.artefacts.keep("stock", stock)


def _report(surveys: Surveys, account: Account) -> dict[str, object]:
    """What became of columns and rows, for the shop."""
    return {
        "files": {slot: mapping_report(found).as_dict() for slot, found in surveys.items()},
        "rows": account.rows,
        "kept": account.kept,
        "set_aside": dict(account.set_aside),
        "altered": dict(account.altered),
        "rejected": _height(account.rejected),
    }


def _height(frames: list[pl.DataFrame]) -> int:
    return sum(map(len, frames))
