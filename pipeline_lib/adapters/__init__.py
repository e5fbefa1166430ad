"""The ports on real stores, in pairs; no decision about bundles."""
