"""Shows a shop ten bundles within seconds, beside the chain that will replace them."""

from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.products.enrichment import with_flags
from pipeline_lib.recommendations.preview import offered, previewed
from pipeline_lib.records.uploads import KEPT_FOR
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the lines, publish the preview in a document of its own, and end there.

    Raises:
        MissingArtefact: ingest kept no lines.
    """
    lines = job.artefacts.frame("lines")
    products = job.artefacts.frame("products")
    stock = job.artefacts.frame("stock")

    shop = encode_shop(lines, products, stock)
    catalog = with_flags(shop.catalog, as_of=last_order(shop.orders))
    bundles = offered(previewed(shop, catalog), catalog, job.setting())

    shown = {
        "shop_id": job.shop_id,
        "run": job.work.run,
        "bundles": bundles,
        "expires_at": job.created_at + KEPT_FOR,
    }
    job.documents.put({f"previews/{job.work.upload_id}": shown})
    return Outcome(read={"lines": len(lines)}, kept={"preview_bundles": len(bundles)}, then=())
