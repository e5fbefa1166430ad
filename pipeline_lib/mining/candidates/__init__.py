"""Where bundles come from: each source in its own module gives candidates with their counts."""
