"""Says of each priced bundle why it is recommended; the shopper's text is not its matter."""

import polars as pl

from pipeline_lib.frames import Catalog, Explained, Priced
from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.reasons import explained
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the priced portfolio, keep it with its reasons.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    priced = job.artefacts.frame(Priced)
    catalog = job.artefacts.frame(Catalog, columns=[Catalog.item, Catalog.title])
    titles = catalog.sort(Catalog.item.name)[Catalog.title.name].to_list()

    wanted = job.flags.phase_explainability
    reasons = [
        explained(
            row.stored,
            objective=row.objective,
            names=[titles[item] for item in row.items],
            units=row.quantities[0],
        )
        if wanted
        else ""
        for row in Priced.rows(priced)
    ]

    explanation = pl.Series(Explained.explanation.name, reasons, dtype=pl.String)
    job.artefacts.keep(Explained, priced.with_columns(explanation))
    return Outcome(read={"priced": len(priced)}, kept={"explained": len(reasons)})
