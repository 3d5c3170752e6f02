"""Tests of Tierbench."""
