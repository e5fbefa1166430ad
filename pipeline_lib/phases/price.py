"""Says of the portfolio's offers how their prices came about and what they bring in a month."""

from dataclasses import asdict

from pipeline_lib import frames, reports
from pipeline_lib.messages import Outcome
from pipeline_lib.pricing.bundle_offers import Till
from pipeline_lib.pricing.discounts import BEST_PRICES, FLAT
from pipeline_lib.pricing.portfolio_prices import list_gain, with_prices
from pipeline_lib.ranking.response import Response
from pipeline_lib.reports import ListGain
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the portfolio and the catalogue, keep the portfolio with its prices.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    portfolio = job.artefacts.frame(frames.Portfolio)
    catalog = job.artefacts.frame(frames.Catalog)
    till = Till(
        currency=job.artefacts.json(reports.FACTS).currency,
        profile=_price_profile(job),
        response=Response.of_shop(job.parameters.response),
    )

    priced = with_prices(portfolio, catalog, till)

    job.artefacts.keep(frames.Priced, priced)
    whole = list_gain(portfolio, catalog, till)
    job.artefacts.keep_json(reports.GAIN, ListGain(**whole, response=asdict(till.response)))
    return Outcome(read={"chosen": len(portfolio)}, kept={"priced": len(priced)})


def _price_profile(job: Job) -> str:
    """How prices are made: as the upload asks, where the flags allow it."""
    asked = job.parameters.pricing or BEST_PRICES
    return asked if job.flags.phase_bayesian_pricing else FLAT
