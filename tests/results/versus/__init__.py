"""Tests of comparing two sides of what was measured."""
