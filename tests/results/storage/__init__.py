"""Tests of what lies under the store, on SQLite and PostgreSQL alike."""
