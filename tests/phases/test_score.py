from pipeline_lib import frames
from pipeline_lib.frames import OBJECTIVES
from pipeline_lib.phases import enrich, score
from tests.conftest import lines_of, products_of
from tests.phases.test_enrich import keep


def test_each_product_has_a_share_for_each_objective(job):
    keep(
        job,
        lines_of({"A": 1, "B": 1}, {"A": 1}, {"A": 1}),
        products_of(
            {"sku": "A", "price_minor": 5000, "product_type": "Tea"},
            {"sku": "B", "title": "Gift box", "price_minor": 500},
        ),
    )
    enrich.run(job)

    outcome = score.run(job)

    fits = job.artefacts.frame(frames.Fits)
    a, b = fits.rows(named=True)
    assert fits.columns == ["item", *OBJECTIVES]
    assert all(0 <= row[name] <= 1 for row in (a, b) for name in OBJECTIVES)
    assert a["increase_aov"] > b["increase_aov"]
    assert (a["category_bundle"], b["category_bundle"]) == (1, 0)
    assert a["gift_box"] == 0 < b["gift_box"]
    assert outcome.kept == {"scored": 2}
