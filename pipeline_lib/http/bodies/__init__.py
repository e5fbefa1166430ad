"""The documented shapes of what is taken and given; no endpoint's work."""
