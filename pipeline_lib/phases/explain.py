"""Says of each priced bundle why it is recommended; the shopper's text is not its matter."""

import polars as pl

from pipeline_lib import reports
from pipeline_lib.frames import Catalog, Explained, Priced
from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.reasons import BundleFacts, explain_bundle
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the priced portfolio, keep it with its reasons.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    priced = job.artefacts.frame(Priced)
    products = job.artefacts.frame(Catalog).sort(Catalog.item.name).rows(named=True)
    facts = job.artefacts.json(reports.FACTS)

    wanted = job.flags.phase_explainability
    reasons = [
        explain_bundle(
            row.stored,
            BundleFacts([products[item] for item in row.items], facts.newest_order, facts.currency),
        )
        if wanted
        else ""
        for row in Priced.rows(priced)
    ]

    explanation = pl.Series(Explained.explanation.name, reasons, dtype=pl.String)
    job.artefacts.keep(Explained, priced.with_columns(explanation))
    return Outcome(read={"priced": len(priced)}, kept={"explained": len(reasons)})
