"""Cloud Function `copywrite`: explained bundles in, titles and texts out, wave by wave."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("copywrite")
