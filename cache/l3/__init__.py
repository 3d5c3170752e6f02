"""L3: a table in SQLite or PostgreSQL."""
