"""Cloud Function `quickstart`: typed lines in, ten preview bundles out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("quickstart")
