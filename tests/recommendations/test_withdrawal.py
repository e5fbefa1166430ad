from pipeline_lib.recommendations.withdrawal import ERASED, with_evidence_of
from pipeline_lib.records.recommendations import ExpectedGain, Grade
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
GAIN = ExpectedGain(
    expected="4.10", low="1.00", high="9.00", at_list_price="4.10", margin_from="cost"
)
ONE = recommendation(
    evidence=EVIDENCE, explanation="Bought together in 5 of 90 orders.", grade=GRADE, gain=GAIN
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
        gain=GAIN.model_copy(update={"expected": "3.20"}),
    )

    one = with_evidence_of(ONE, again)

    assert (one.evidence, one.explanation, one.confidence) == (again.evidence, "e", 0.4)
    assert (one.pricing, one.ai_copy) == (ONE.pricing, ONE.ai_copy)
    assert one.gain.expected == "3.20"
    assert one.grade is None


def test_what_was_not_made_again_has_no_figure_left():
    one = with_evidence_of(ONE, None)

    assert one.evidence == evidence(orders_together=0, orders_each=(0, 0), orders_total=0)
    assert (one.explanation, one.confidence) == (ERASED, 0.0)
    assert (one.grade, one.gain) == (None, None)


def test_a_bundle_has_only_the_figures_that_it_had():
    bundle = bundle_of(ONE)

    assert with_evidence_of(bundle, None) == bundle.replace(
        evidence=with_evidence_of(ONE, None).evidence
    )
