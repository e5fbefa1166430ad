"""Cloud Function `cleanup`: a tick of the clock in, stuck runs restarted or marked failed out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("cleanup")
