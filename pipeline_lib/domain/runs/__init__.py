"""An upload's life and its run's, as pure changes of their documents; no store, no clock."""
