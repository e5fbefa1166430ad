"""Cloud Function `deduplicate`: candidates in, one row for each distinct bundle out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("deduplicate")
