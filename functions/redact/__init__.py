"""The function `redact`."""
