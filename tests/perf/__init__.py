"""Measures the cache beside its peers in one run: `python -m tests.perf`, or `make perf`."""
