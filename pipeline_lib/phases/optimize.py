"""Ranks the distinct bundles and chooses what a merchant is shown; prices come later."""

from pipeline_lib.domain.ranking.portfolio import DEFAULT, PROFILES, ranked
from pipeline_lib.events import Outcome
from pipeline_lib.job import Job


def run(job: Job) -> Outcome:
    """Read the distinct bundles, keep the portfolio, best first.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    bundles = job.artefacts.frame("distinct")
    catalog = job.artefacts.frame("catalog")

    profile = job.parameters.get("ranking", DEFAULT)
    portfolio = ranked(bundles, catalog, PROFILES[profile])

    job.artefacts.keep("portfolio", portfolio)
    job.artefacts.keep_json("ranking.json", {"profile": profile, "weights": PROFILES[profile]})
    return Outcome(
        read={"distinct": len(bundles)}, kept={"chosen": len(portfolio)}, then=("price",)
    )
