"""Cloud Function `finalize`: worded bundles in, what the shop reviews out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("finalize")
