"""Kind and version of the servers behind a subject's tiers, asked of the servers themselves."""

import sqlite3

import redis
import sqlalchemy
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.errors import ServerError

TIMEOUT_S = 2.0


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
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    try:
        with client:
            said = client.info("server")
    except redis.RedisError as error:
        raise ServerError(f"L2 does not answer INFO: {error}") from None
    # Valkey also claims the version of Redis that it was forked from.
    if "valkey_version" in said:
        return f"valkey {said['valkey_version']}"
    return f"redis {said['redis_version']}"


def _l3_version(url: str) -> str:
    address = sqlalchemy.make_url(url)
    if address.get_backend_name() == "sqlite":
        return f"sqlite {sqlite3.sqlite_version}"
    engine = sqlalchemy.create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": round(TIMEOUT_S)},
    )
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    except sqlalchemy.exc.DBAPIError as error:
        said = " ".join(str(error.orig).split())
        raise ServerError(f"L3 does not answer SHOW server_version: {said}") from None
    finally:
        engine.dispose()
    return f"postgresql {str(version).split()[0]}"
