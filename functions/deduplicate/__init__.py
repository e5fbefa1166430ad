"""The function `deduplicate`."""
