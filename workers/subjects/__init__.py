"""Caches under test, one a file."""
