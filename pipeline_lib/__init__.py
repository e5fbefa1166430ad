"""Bundlechain: a shop's exports in, bundles worth selling out; its floors: docs/architecture.md."""
