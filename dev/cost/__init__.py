"""What runs cost by list prices, from what was counted and timed; it counts and times nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

GIB, TIB, GIB_MB = 1024**3, 1024**4, 1024


@dataclass(frozen=True)
class Price:
    """US dollars for ``per`` of something, which page said so, and of when the page is."""

    dollars: float
    per: float
    source: str
    seen: str

    def of(self, amount: float) -> float:
        """The dollars for ``amount``."""
        return self.dollars * amount / self.per


RUN = "https://cloud.google.com/run/pricing"
RUN_TOO = "https://cloudchipr.com/blog/cloud-run-pricing"  # the page's table is not all kept
# Google's table of 2020 for nam5, kept by a reader: one region is said to cost half of it.
FIRESTORE = "https://www.twblogs.net/a/5e4f845fbd9eee101e8581aa"
PUBSUB = "https://cloud.google.com/pubsub/pricing"
STORAGE = "https://cloud.google.com/storage/pricing-examples"
PRICES = {
    "vCPU seconds": Price(0.000024, 1, RUN, "undated"),
    "GiB seconds": Price(0.0000025, 1, RUN_TOO, "2025"),
    "requests": Price(0.40, 1e6, RUN_TOO, "2025"),
    "documents read": Price(0.06, 1e5, FIRESTORE, "2020"),
    "documents written": Price(0.18, 1e5, FIRESTORE, "2020"),
    "documents deleted": Price(0.02, 1e5, FIRESTORE, "2020"),
    "message bytes": Price(40.0, TIB, PUBSUB, "undated"),
    "objects written or listed": Price(0.005, 1e3, STORAGE, "undated"),
    "objects read": Price(0.0004, 1e3, STORAGE, "undated"),
    "GiB months": Price(0.020, 1, STORAGE, "undated"),
}
MONTHLY = {
    "clock jobs": Price(0.10, 1, "https://cloud.google.com/scheduler/pricing", "undated"),
    "secret versions": Price(0.06, 1, "https://cloud.google.com/secret-manager/pricing", "undated"),
}
# What the memory brings: https://cloud.google.com/functions/docs/configuring/memory
VCPU_BY_MB = {512: 0.333, 1024: 0.583, 2048: 1.0, 4096: 2.0, 8192: 2.0}

BILLED_S = 0.1  # a request is rounded up to it
LEAST_MESSAGE_BYTES = 1_000  # a publish or a push is billed for no less
STORE_S = 0.010  # assumed: what a call of a store takes longer in the cloud than on a laptop
COLD_SHARE, COLD_S = 0.2, 3.0  # assumed: one call in five starts an instance, which is billed too
API_CALLS = 10  # assumed: what an app asks in a run, each below BILLED_S and alone on its instance
RAW_MONTHS, ARTEFACT_MONTHS = 7 / 30, 1.0  # how long the buckets keep them


@dataclass(frozen=True)
class Call:
    """One call of a function: its size, and how long it worked on one core of this machine."""

    memory_mb: int
    worked_s: float
    store_calls: int

    @property
    def billed_s(self) -> float:
        """The seconds that are billed; below a whole vCPU the work takes longer, above no less."""
        warm_s = self.worked_s / min(1.0, VCPU_BY_MB[self.memory_mb]) + STORE_S * self.store_calls
        return ceil(round(warm_s / BILLED_S, 6)) * BILLED_S + COLD_SHARE * COLD_S


@dataclass(frozen=True)
class Usage:
    """What one run used; ``listened`` are the versions of a document that a client was told."""

    calls: tuple[Call, ...]
    documents_read: int
    documents_written: int
    documents_kept: int
    listened: int
    messages: int
    objects_written: int
    objects_listed: int
    objects_read: int
    raw_bytes: int
    artefact_bytes: int


def amounts(usage: Usage, *, api_mb: int) -> dict[str, float]:
    """How much of each priced thing one run used; what is kept is deleted once, when it expires."""
    api_s = API_CALLS * BILLED_S
    return {
        "vCPU seconds": sum(one.billed_s * VCPU_BY_MB[one.memory_mb] for one in usage.calls)
        + api_s * VCPU_BY_MB[api_mb],
        "GiB seconds": sum(one.billed_s * one.memory_mb / GIB_MB for one in usage.calls)
        + api_s * api_mb / GIB_MB,
        "requests": len(usage.calls) + API_CALLS,
        "documents read": usage.documents_read + usage.listened + API_CALLS,
        "documents written": usage.documents_written,
        "documents deleted": usage.documents_kept,
        "message bytes": 2 * LEAST_MESSAGE_BYTES * usage.messages,  # left, and pushed
        "objects written or listed": usage.objects_written + usage.objects_listed,
        "objects read": usage.objects_read,
        "GiB months": (RAW_MONTHS * usage.raw_bytes + ARTEFACT_MONTHS * usage.artefact_bytes) / GIB,
    }


def dollars(usage: Usage, *, api_mb: int, runs: int = 1_000) -> dict[str, float]:
    """What ``runs`` such runs cost, by the priced thing, beyond any free quota."""
    used = amounts(usage, api_mb=api_mb)
    return {name: price.of(runs * used[name]) for name, price in PRICES.items()}


def monthly(rows: list[Mapping[str, object]]) -> dict[str, float]:
    """What a month costs without a run, by the priced thing; ``rows`` are the topology's."""
    secrets = {secret for row in rows for secret in _names(row["secrets"])}
    clocks = sum(row["wakes_on"] == "schedule" for row in rows)
    return {
        "clock jobs": MONTHLY["clock jobs"].of(clocks),
        "secret versions": MONTHLY["secret versions"].of(len(secrets)),
    }


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
