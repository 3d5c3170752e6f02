"""Tests of L1."""
