"""Cloud Function `optimize`: distinct bundles in, a ranked portfolio out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("optimize")
