"""What was recommended on orders that are erased: with new figures, or none; no text is changed."""

from collections.abc import Mapping
from typing import Any

FIGURES = ("evidence", "explanation", "confidence")
KEPT = ("source", "rung", "similarity")  # what no order is counted in
COUNTS = ("orders_together", "orders_total")
TOLD = "The orders that this rested on are erased; it stays because you approved it."

Recommendation = Mapping[str, Any]


def refigured(one: Recommendation, again: Recommendation | None) -> dict[str, Any]:
    """The recommendation, or the bundle made of one, with the figures of ``again``.

    Where it was not made again (None), with those of something that no order speaks for.
    """
    figures = _none(one) if again is None else {name: again[name] for name in FIGURES}
    held = {name: figures[name] for name in FIGURES if name in one}
    return {name: value for name, value in one.items() if name != "grade"} | held


def _none(one: Recommendation) -> dict[str, Any]:
    evidence = one["evidence"]
    blank = {name: evidence[name] if name in KEPT else None for name in evidence}
    none = dict.fromkeys(COUNTS, 0)
    each = [0] * len(evidence["orders_each"])
    return {
        "evidence": {**blank, **none, "orders_each": each},
        "explanation": TOLD,
        "confidence": 0.0,
    }
