"""How the servers behind a subject's tiers are set up, as far as it changes what is measured.

Settings are asked for by name, so that no password is ever among them.
"""

import redis
import sqlalchemy

from pipeline.servers import L2_SETTINGS
from workers.l2_client import l2_client
from workers.l3_client import is_sqlite, l3_connection, one_line

Settings = dict[str, str]

UNKNOWN = "unknown"
"""Stands in place of settings that a server does not tell, with its words."""

_L2_NAMES = (*L2_SETTINGS, "activedefrag", "appendfsync", "appendonly", "save")
_SQLITE_PRAGMAS = ("auto_vacuum", "journal_mode", "page_size")
_POSTGRESQL_NAMES = (
    "effective_cache_size",
    "fsync",
    "full_page_writes",
    "max_connections",
    "max_wal_size",
    "shared_buffers",
    "synchronous_commit",
    "wal_level",
    "work_mem",
)


def server_settings(l2_url: str | None, l3_url: str | None) -> dict[str, Settings]:
    """Settings by tier; a server that may not or can't tell them says so under `UNKNOWN`.

    Args:
        l2_url: A Redis or Valkey URL; None where there is no L2.
        l3_url: An SQLite or PostgreSQL URL; None where there is no L3.
    """
    settings = {}
    if l2_url is not None:
        settings["l2"] = _l2_settings(l2_url)
    if l3_url is not None:
        settings["l3"] = _l3_settings(l3_url)
    return settings


def _l2_settings(url: str) -> Settings:
    settings: Settings = {}
    try:
        with l2_client(url) as client:
            for name in _L2_NAMES:
                # One by one: servers before Redis 7 take a single name.
                settings |= client.config_get(name)
    except redis.RedisError as error:
        return {UNKNOWN: f"CONFIG GET: {error}"}
    return settings


def _l3_settings(url: str) -> Settings:
    try:
        with l3_connection(url) as connection:
            return _of_sqlite(connection) if is_sqlite(url) else _of_postgresql(connection)
    except sqlalchemy.exc.DBAPIError as error:
        return {UNKNOWN: one_line(error)}


def _of_sqlite(connection: sqlalchemy.Connection) -> Settings:
    """What the file remembers; `synchronous` is each connection's own and can't be asked for."""
    return {
        name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in _SQLITE_PRAGMAS
    }


def _of_postgresql(connection: sqlalchemy.Connection) -> Settings:
    wanted = sqlalchemy.text(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(:names)"
    )
    rows = connection.execute(wanted, {"names": list(_POSTGRESQL_NAMES)})
    return {str(name): str(value) for name, value in rows}
