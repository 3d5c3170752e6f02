"""Kind and version of the servers behind a subject's tiers, asked of the servers themselves."""

import sqlite3

import redis
import sqlalchemy

from workers.errors import ServerError
from workers.l2_client import l2_client
from workers.l3_client import is_sqlite, l3_connection, one_line


def server_versions(l2_url: str | None, l3_url: str | None) -> dict[str, str]:
    """Kind and version by tier, such as `{"l2": "valkey 9.1.2", "l3": "sqlite 3.45.1"}`.

    Args:
        l2_url: A Redis or Valkey URL; None where there is no L2.
        l3_url: An SQLite or PostgreSQL URL; None where there is no L3.

    Raises:
        ServerError: One does not answer.
    """
    versions = {}
    if l2_url is not None:
        versions["l2"] = _l2_version(l2_url)
    if l3_url is not None:
        versions["l3"] = _l3_version(l3_url)
    return versions


def _l2_version(url: str) -> str:
    try:
        with l2_client(url) as client:
            said = client.info("server")
    except redis.RedisError as error:
        raise ServerError(f"L2 does not answer INFO: {error}") from None
    # Valkey also claims the version of Redis that it was forked from.
    if "valkey_version" in said:
        return f"valkey {said['valkey_version']}"
    return f"redis {said['redis_version']}"


def _l3_version(url: str) -> str:
    if is_sqlite(url):
        return f"sqlite {sqlite3.sqlite_version}"
    try:
        with l3_connection(url) as connection:
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    except sqlalchemy.exc.DBAPIError as error:
        raise ServerError(f"L3 does not answer SHOW server_version: {one_line(error)}") from None
    return f"postgresql {str(version).split()[0]}"
