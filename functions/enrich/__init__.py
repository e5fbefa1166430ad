"""The function `enrich`."""
