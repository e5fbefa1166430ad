"""Blobs on S3-compatible storage, where some shops' exports lie."""
