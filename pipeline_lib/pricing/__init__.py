"""What a bundle costs and what that brings; which bundles there are is decided elsewhere."""
