"""The function `ingest`."""
