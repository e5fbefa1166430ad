"""The function `score`."""
