"""Every stored document as one typed model, with its key, its life and its pure changes."""
