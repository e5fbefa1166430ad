"""Cloud Function `api`: the shop app's requests in, responses out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("api")
