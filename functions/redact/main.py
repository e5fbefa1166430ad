"""Cloud Function `redact`: a webhook in, the data it names erased or reported out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("redact")
