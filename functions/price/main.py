"""Cloud Function `price`: the portfolio in, prices within their bounds out."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("price")
