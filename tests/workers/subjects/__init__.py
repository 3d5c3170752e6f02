"""Tests of the caches under test."""
