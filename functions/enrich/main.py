"""Cloud Function `enrich`: lines and catalogue in, products with their facts and baskets out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("enrich")
