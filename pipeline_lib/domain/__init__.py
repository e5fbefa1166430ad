"""What the project knows about bundles: frames in, frames out; no store, clock or environment."""
