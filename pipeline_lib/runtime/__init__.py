"""How phases are run: delivery, effects once, progress, wiring; no opinion about bundles."""
