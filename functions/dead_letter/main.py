"""Cloud Function `dead_letter`: a dead letter in, its run marked failed out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("dead_letter")
