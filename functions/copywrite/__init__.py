"""The function `copywrite`."""
