"""The function `explain`."""
