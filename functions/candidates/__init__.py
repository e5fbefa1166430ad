"""The function `candidates`."""
