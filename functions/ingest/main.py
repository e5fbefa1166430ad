"""Cloud Function `ingest`: a shop's exports in, typed lines and a catalogue out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("ingest")
