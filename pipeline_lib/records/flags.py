"""Feature flags and the kill switch: what each switches, who may set what, as one document."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.fields import FieldInfo

from pipeline_lib.records.record import Part, Record

FlagValue = bool | int | float | tuple[int, ...] | str


def _flag(default: FlagValue, key: str, *, does: str = "", idle: str = "") -> Any:  # noqa: ANN401 - a field
    """A flag with its documented key: what it ``does``, or why it is ``idle``."""
    text = does or f"Switches nothing. {idle}"
    return Field(default, alias=key, description=text, json_schema_extra={"idle": idle})


class Flags(Part):
    """Every flag as it is for one shop; a run keeps those that it began with."""

    model_config = ConfigDict(populate_by_name=True)

    bundling_enabled: bool = _flag(
        True,
        "bundling.enabled",
        does="Off: no run begins.",
    )
    bundling_v2_pipeline: bool = _flag(
        True,
        "bundling.v2_pipeline",
        idle="There is one pipeline, and none before it to go back to.",
    )
    bundling_staged_publish_enabled: bool = _flag(
        True,
        "bundling.staged_publish_enabled",
        does="Off: all bundles become visible at once, not in waves.",
    )
    bundling_relaxed_thresholds: bool = _flag(
        True,
        "bundling.relaxed_thresholds",
        does=(
            "Off: what was bought together counts only from strict evidence on: 5 % of all "
            "orders, and 30 % of those of the rarer product."
        ),
    )
    phase_csv_validation: bool = _flag(
        True,
        "phase.csv_validation",
        does=(
            "Off: no row of an order is set aside as no sale of a product, and no quantity "
            "is lowered. What cannot be read is rejected all the same."
        ),
    )
    phase_data_mapping: bool = _flag(
        True,
        "phase.data_mapping",
        does=(
            "Off: products and stock are not joined to the orders; bundles know no more "
            "than the orders do."
        ),
    )
    phase_objective_scoring: bool = _flag(
        True,
        "phase.objective_scoring",
        does=("Off: every bundle has the one objective that all serve, a greater order."),
    )
    phase_candidate_generation: bool = _flag(
        True,
        "phase.candidate_generation",
        does="Off: a run ends after its preview, and says so.",
    )
    phase_ml_optimization: bool = _flag(
        True,
        "phase.ml_optimization",
        does=(
            "Off: bundles are ranked by fixed weights, not by what the shop's past lets one "
            "forecast."
        ),
    )
    phase_enterprise_optimization: bool = _flag(
        True,
        "phase.enterprise_optimization",
        does=("Off: the best-ranked bundles are shown; no portfolio is chosen among them."),
    )
    phase_bayesian_pricing: bool = _flag(
        True,
        "phase.bayesian_pricing",
        does=("Off: every bundle is 10 % off, within the bounds of its objective and cost."),
    )
    phase_weighted_ranking: bool = _flag(
        True,
        "phase.weighted_ranking",
        does="Off: bundles are ranked by their confidence alone.",
    )
    phase_deduplication: bool = _flag(
        True,
        "phase.deduplication",
        idle=("Type, objective and products are a bundle's identity: it cannot be there twice."),
    )
    phase_explainability: bool = _flag(
        True,
        "phase.explainability",
        does="Off: bundles come without an explanation.",
    )
    advanced_pareto_optimization: bool = _flag(
        True,
        "advanced.pareto_optimization",
        does=("Off: the best-ranked bundles are shown; no portfolio is chosen among them."),
    )
    advanced_constraint_management: bool = _flag(
        True,
        "advanced.constraint_management",
        does="Off: the portfolio is chosen without regard to stock.",
    )
    advanced_performance_monitoring: bool = _flag(
        True,
        "advanced.performance_monitoring",
        idle=("What each phase took is part of the run: the time that is left is told by it."),
    )
    advanced_cold_start_coverage: bool = _flag(
        True,
        "advanced.cold_start_coverage",
        does=("Off: no bundle without orders behind it, or only because its products are alike."),
    )
    data_mapping_auto_reenrich_on_csv: bool = _flag(
        True,
        "data_mapping.auto_reenrich_on_csv",
        does=("Off: a run begins only on request, not when its files have landed."),
    )
    data_mapping_cache_ttl_seconds: int = _flag(
        1800,
        "data_mapping.cache_ttl_seconds",
        idle="Nothing is cached: every run reads its own files.",
    )
    data_mapping_concurrent_mapping: bool = _flag(
        True,
        "data_mapping.concurrent_mapping",
        idle=("One worker does a phase of a run; runs are done side by side."),
    )
    bundling_relaxed_min_support: float = _flag(
        0.02,
        "bundling.relaxed_min_support",
        does=(
            "From which share of all orders on evidence is called relaxed; weaker sets stand "
            "back where a hundred reach it."
        ),
    )
    bundling_relaxed_min_confidence: float = _flag(
        0.18,
        "bundling.relaxed_min_confidence",
        does=(
            "From which share of the rarer product's orders on evidence is called relaxed; "
            "weaker sets stand back where a hundred reach it."
        ),
    )
    bundling_staged_thresholds: tuple[int, ...] = _flag(
        (3, 5, 10, 20, 40),
        "bundling.staged_thresholds",
        does=("How many bundles are visible after each wave; the last shows the rest."),
    )


class Stop(Part):
    """Who stopped everything, when and why."""

    reason: str
    by: str
    at: AwareDatetime


class FlagSettings(Record):
    """What operators set: flags for all shops and for one, and the kill switch."""

    collection: ClassVar = "flags"

    shop_id: None = None
    values: Mapping[str, FlagValue] = {}
    shops: Mapping[str, Mapping[str, FlagValue]] = {}
    stopped: Stop | None = None
    updated_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return CURRENT

    def effective(self, shop_id: str | None, fixed: Mapping[str, FlagValue]) -> Flags:
        """Every flag as it is for the shop (None: for no one in particular).

        ``fixed`` is what the environment decides; it goes before all else.
        """
        own = {} if shop_id is None else self.shops.get(shop_id, {})
        return Flags.model_validate({**self.values, **own, **fixed}, extra="ignore")

    def with_values(
        self, values: Mapping[str, FlagValue], *, shop_id: str | None, now: datetime
    ) -> "FlagSettings":
        """The settings with flags set, for one shop or (None) for all.

        Raises:
            ValueError: a key is not known or idle, or a value is not of its default's kind.
        """
        for key, value in values.items():
            check_flag(key, value)
        if shop_id is None:
            return self.replace(values={**self.values, **values}, updated_at=now)
        own = {**self.shops.get(shop_id, {}), **values}
        return self.replace(shops={**self.shops, shop_id: own}, updated_at=now)

    def without_shop(self, shop_id: str) -> "FlagSettings":
        """The settings without what was set for the shop."""
        return self.replace(
            shops={name: own for name, own in self.shops.items() if name != shop_id}
        )

    def with_kill_switch(self, stop: Stop | None, *, now: datetime) -> "FlagSettings":
        """The settings with the kill switch on, or (None) off."""
        return self.replace(stopped=stop, updated_at=now)


CURRENT = "current"  # the key of the one document


def flag_defaults() -> dict[str, FlagValue]:
    """Every documented key with its default."""
    return Flags().model_dump(by_alias=True)


def describe_flag(key: str) -> str:
    """What the flag switches, or why it switches nothing; KeyError when there is none."""
    return str(_fields()[key].description)


def check_flag(key: str, value: object) -> None:
    """See that the flag may have the value.

    Raises:
        ValueError: there is no such flag, it is idle, or the value is not of its default's kind.
    """
    if key not in _fields():
        raise ValueError(f"there is no flag {key}")
    field = _fields()[key]
    default, extra = field.default, field.json_schema_extra
    idle = extra.get("idle") if isinstance(extra, dict) else None
    if idle and value != default:
        raise ValueError(f"{key} switches nothing. {idle}")
    kind = type(default)
    fits = type(value) is kind or (kind is float and type(value) is int)
    if not fits and not (kind is tuple and isinstance(value, list)):
        raise ValueError(f"{key} is {_KINDS[kind]}")
    if isinstance(value, list | tuple) and not _grows(value):
        raise ValueError(f"{key} is a list of whole numbers, each larger than the one before")
    if kind in {int, float} and isinstance(value, int | float) and not value >= 0:
        raise ValueError(f"{key} is not below 0")


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list of whole numbers",
}


@cache
def _fields() -> Mapping[str, FieldInfo]:
    return {str(field.alias): field for field in Flags.model_fields.values()}


def _grows(values: Sequence[object]) -> bool:
    numbers = [one for one in values if type(one) is int and one > 0]
    return len(numbers) == len(values) and numbers == sorted({*numbers})
