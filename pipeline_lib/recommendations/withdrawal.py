"""What was recommended on orders that are erased: with new figures, or with none."""

from typing import TypeVar

from pipeline_lib.records.recommendations import Bundle, Evidence, Recommendation

ERASED = "The orders that this rested on are erased; it stays because you approved it."

Held = TypeVar("Held", Recommendation, Bundle)


def with_evidence_of(held: Held, again: Recommendation | None) -> Held:
    """The recommendation, or the bundle made of one, with the figures of ``again``.

    Where it was not made again (None), with those of something that no order speaks for.
    """
    evidence = without_orders_counted(held.evidence) if again is None else again.evidence
    if isinstance(held, Bundle):
        return held.replace(evidence=evidence)
    return held.replace(
        evidence=evidence,
        explanation=ERASED if again is None else again.explanation,
        confidence=0.0 if again is None else again.confidence,
        gain=None if again is None else again.gain,
        grade=None,
    )


def without_orders_counted(evidence: Evidence) -> Evidence:
    """What is left of the evidence when no order is counted in it."""
    return Evidence(
        source=evidence.source,
        rung=evidence.rung,
        similarity=evidence.similarity,
        orders_together=0,
        orders_total=0,
        orders_each=tuple(0 for _ in evidence.orders_each or ()),
        expected_together=None,
        lift=None,
        confidence=None,
        confidence_low=None,
        q_value=None,
        forecast=None,
        incremental=None,
        stock=None,
    )
