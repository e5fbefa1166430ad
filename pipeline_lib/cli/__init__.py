"""The command line `bundles`: the whole system on one machine; no phase's work."""
