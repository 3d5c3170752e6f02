"""Tests of L2."""
