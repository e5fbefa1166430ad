"""Says of each priced bundle why it is recommended; the shopper's text is not its matter."""

import polars as pl

from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.reasons import explained
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the priced portfolio, keep it with its reasons.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    priced = job.artefacts.frame("priced")
    catalog = job.artefacts.frame("catalog", columns=["item", "title"]).sort("item")
    titles = catalog["title"].to_list()

    wanted = job.flags["phase.explainability"]
    reasons = [
        explained(
            row,
            objective=row["objective"],
            names=[titles[item] for item in row["items"]],
            units=row["quantities"][0],
        )
        if wanted
        else ""
        for row in priced.iter_rows(named=True)
    ]

    job.artefacts.keep("explained", priced.with_columns(pl.Series("explanation", reasons)))
    return Outcome(
        read={"priced": len(priced)}, kept={"explained": len(reasons)}, then=("copywrite",)
    )
