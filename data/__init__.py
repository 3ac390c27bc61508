"""Corpora: sources, functions, shards, splits."""
