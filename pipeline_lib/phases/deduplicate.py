"""Leaves one row for each distinct bundle; it does not say which bundles are good."""

from pipeline_lib.frames import Candidates, Catalog, Distinct
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.candidates.duplicates import distinct
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the candidates, keep each bundle once.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    candidates = job.artefacts.frame(Candidates)
    catalog = job.artefacts.frame(Catalog, columns=[Catalog.item, Catalog.sku])
    skus = catalog.sort(Catalog.item.name)[Catalog.sku.name]

    bundles = distinct(candidates, skus)

    job.artefacts.keep(Distinct, bundles)
    return Outcome(read={"candidates": len(candidates)}, kept={"distinct": len(bundles)})
