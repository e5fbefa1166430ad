"""Prices the portfolio within the bounds of objective and cost; it changes no rank."""

from pipeline_lib import frames, reports
from pipeline_lib.messages import Outcome
from pipeline_lib.pricing.assembled import offered
from pipeline_lib.pricing.discounts import DEFAULT, FLAT
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the portfolio and the catalogue, keep the portfolio with its prices.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    portfolio = job.artefacts.frame(frames.Portfolio)
    catalog = job.artefacts.frame(frames.Catalog)
    currency = job.artefacts.json(reports.FACTS).currency

    asked = job.parameters.pricing or DEFAULT
    profile = asked if job.flags.phase_bayesian_pricing else FLAT
    priced = offered(portfolio, catalog, currency=currency, profile=profile)

    job.artefacts.keep(frames.Priced, priced)
    return Outcome(read={"chosen": len(portfolio)}, kept={"priced": len(priced)})
