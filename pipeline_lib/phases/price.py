"""Prices the portfolio within the bounds of objective and cost; it changes no rank."""

from pipeline_lib.messages import Outcome
from pipeline_lib.pricing.assembled import offered
from pipeline_lib.pricing.discounts import DEFAULT, FLAT
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the portfolio and the catalogue, keep the portfolio with its prices.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    portfolio = job.artefacts.frame("portfolio")
    catalog = job.artefacts.frame("catalog")
    currency = job.artefacts.json("facts.json")["currency"]

    asked = job.parameters.get("pricing", DEFAULT)
    profile = asked if job.flags["phase.bayesian_pricing"] else FLAT
    priced = offered(portfolio, catalog, currency=currency, profile=profile)

    job.artefacts.keep("priced", priced)
    return Outcome(read={"chosen": len(portfolio)}, kept={"priced": len(priced)}, then=("explain",))
