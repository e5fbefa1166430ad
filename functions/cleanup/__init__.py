"""The function `cleanup`."""
