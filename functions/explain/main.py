"""Cloud Function `explain`: priced bundles in, reasons drawn from their evidence out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("explain")
