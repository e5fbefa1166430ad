"""Scores each product for each of the eight objectives; bundles come later."""

from pipeline_lib import frames
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.products.objectives import default_scores, score_products
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the flagged catalogue, keep the products' fitness.

    Raises:
        MissingArtefact: enrich kept no catalogue.
    """
    catalog = job.artefacts.frame(frames.Catalog)

    fits = score_products(catalog) if job.flags.phase_objective_scoring else default_scores(catalog)

    job.artefacts.keep(frames.Fits, fits)
    return Outcome(read={"products": len(catalog)}, kept={"scored": len(fits)})
