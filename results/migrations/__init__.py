"""Alembic's migrations of the results database; run by `results.storage.layout`, never by hand."""
