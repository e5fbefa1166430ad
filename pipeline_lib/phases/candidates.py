"""Mines the baskets and asks every other source for candidate bundles; it ranks none."""

from pipeline_lib.domain.baskets import Shop
from pipeline_lib.domain.candidates.gather import gathered
from pipeline_lib.errors import TooLittleEvidence
from pipeline_lib.events import Outcome
from pipeline_lib.job import Job


def run(job: Job) -> Outcome:
    """Read baskets and catalogue, keep the candidates.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
        TooLittleEvidence: no source found a single bundle.
    """
    flagged = job.artefacts.frame("catalog")
    shop = Shop(flagged, job.artefacts.frame("orders"), job.artefacts.frame("baskets"))
    fits = job.artefacts.frame("fits")

    mined = gathered(shop, flagged, fits, say=job.beat)
    if mined.candidates.is_empty():
        raise TooLittleEvidence(_too_little(shop))

    job.artefacts.keep("candidates", mined.candidates)
    job.artefacts.keep_json("outlook.json", mined.outlook)
    return Outcome(
        read={"orders": len(shop.orders), "products": len(flagged)},
        kept={"candidates": len(mined.candidates), **mined.counts},
        then=("deduplicate",),
    )


def _too_little(shop: Shop) -> str:
    return (
        f"No bundle can be drawn from {len(shop.orders)} orders of {len(shop.catalog)} products: "
        "no two products were bought together often enough, and none are alike by their titles; "
        "upload a longer export"
    )
