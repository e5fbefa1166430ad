from pipeline_lib.recommendations.withdrawal import ERASED, with_evidence_of
from pipeline_lib.records.recommendations import Grade
from tests.conftest import MADE_AT
from tests.recommendations.made_recommendations import bundle_of, evidence, recommendation

EVIDENCE = evidence(orders_together=5, orders_each=(9, 7), orders_total=90, lift=7.1)
GRADE = Grade(
    since=MADE_AT,
    until=MADE_AT,
    anchor_orders=20,
    orders_together=3,
    attach_before=0.5,
    attach_after=0.5,
    incremental=1.0,
    factor=1.0,
)
ONE = recommendation(
    evidence=EVIDENCE, explanation="Bought together in 5 of 90 orders.", grade=GRADE
)


def test_what_was_made_again_takes_its_figures_and_keeps_its_price_and_words():
    other = ONE.ai_copy.model_copy(update={"title": "Other"})
    dearer = ONE.pricing.model_copy(update={"list_price": "9.00"})
    again = ONE.replace(
        pricing=dearer,
        ai_copy=other,
        evidence=evidence(orders_together=4),
        explanation="e",
        confidence=0.4,
    )

    one = with_evidence_of(ONE, again)

    assert (one.evidence, one.explanation, one.confidence) == (again.evidence, "e", 0.4)
    assert (one.pricing, one.ai_copy) == (ONE.pricing, ONE.ai_copy)
    assert one.grade is None


def test_what_was_not_made_again_has_no_figure_left():
    one = with_evidence_of(ONE, None)

    assert one.evidence == evidence(orders_together=0, orders_each=(0, 0), orders_total=0)
    assert (one.explanation, one.confidence, one.grade) == (ERASED, 0.0, None)


def test_a_bundle_has_only_the_figures_that_it_had():
    bundle = bundle_of(ONE)

    assert with_evidence_of(bundle, None) == bundle.replace(
        evidence=with_evidence_of(ONE, None).evidence
    )
