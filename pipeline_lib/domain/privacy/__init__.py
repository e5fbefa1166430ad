"""Whose data a privacy webhook means and what becomes of its document; no store, no clock."""
