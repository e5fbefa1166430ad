"""The promises of each port, as suites that an adapter's tests inherit; no adapter of its own."""
