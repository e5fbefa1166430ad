"""Cloud Function `score`: products in, their fitness for each objective out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("score")
