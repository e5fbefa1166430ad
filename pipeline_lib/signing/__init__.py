"""Signed tokens and signed addresses; whom they admit is decided elsewhere."""
