"""The function `quickstart`."""
