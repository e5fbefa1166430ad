"""The command line `bundles`."""
