"""Tests of the `bench` command, driven as it is installed."""
