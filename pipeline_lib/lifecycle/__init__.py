"""An upload's life on the stores: opened, begun, followed by the next, swept; no phase's work."""
