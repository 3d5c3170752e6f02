"""Tests of L3."""
