"""Cloud Function `candidates`: baskets in, counted candidate bundles out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("candidates")
