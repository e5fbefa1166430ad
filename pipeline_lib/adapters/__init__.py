"""The ports on real stores, each with a local twin."""
