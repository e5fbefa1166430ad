"""Scores each product for each of the eight objectives; bundles come later."""

from pipeline_lib.messages import Outcome
from pipeline_lib.mining.products.objectives import scored, unscored
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the flagged catalogue, keep the products' fitness.

    Raises:
        MissingArtefact: enrich kept no catalogue.
    """
    catalog = job.artefacts.frame("catalog")

    fits = scored(catalog) if job.flags["phase.objective_scoring"] else unscored(catalog)

    job.artefacts.keep("fits", fits)
    return Outcome(
        read={"products": len(catalog)}, kept={"scored": len(fits)}, then=("candidates",)
    )
