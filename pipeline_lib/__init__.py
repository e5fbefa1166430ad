"""Bundlechain: a shop's exports in, bundles worth selling out; its floors are in README.md."""
