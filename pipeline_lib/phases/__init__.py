"""One module a function: read, decide by the domain, keep, say; no phase knows another."""
