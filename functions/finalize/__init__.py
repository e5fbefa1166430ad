"""The function `finalize`."""
