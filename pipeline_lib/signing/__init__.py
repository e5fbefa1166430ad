"""Signed tokens and signed addresses."""
