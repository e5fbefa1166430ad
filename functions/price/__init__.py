"""The function `price`."""
