"""Inputs that nobody meant, from seeded mutations of those that are meant."""
