"""Sets of bundles that belong together; a single bundle's worth is handed in, not judged here."""
