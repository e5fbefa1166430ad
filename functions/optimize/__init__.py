"""The function `optimize`."""
