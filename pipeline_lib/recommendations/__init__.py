"""What a shop sees of its bundles: documents, reasons, words and figures; nothing is chosen."""
