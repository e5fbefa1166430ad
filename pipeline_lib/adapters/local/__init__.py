"""The ports on one machine's disk: a folder for blobs, SQLite for documents and messages."""
