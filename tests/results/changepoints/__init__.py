"""Tests of the search for changes: hand-worked cases, slow oracles, and labelled series."""
