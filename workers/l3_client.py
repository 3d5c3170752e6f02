"""The plain connection by which a worker asks an L3 database about itself, beside the subject."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy

TIMEOUT_S = 2.0

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_TIMEOUTS = {"sqlite": {"timeout": TIMEOUT_S}, "postgresql": {"connect_timeout": round(TIMEOUT_S)}}


@contextmanager
def l3_connection(url: str) -> Iterator[sqlalchemy.Connection]:
    """A connection that gives up soon, closed at the end.

    Args:
        url: An SQLite or PostgreSQL URL.

    Raises:
        sqlalchemy.exc.DBAPIError: It does not answer.
    """
    address = sqlalchemy.make_url(url)
    kind = address.get_backend_name()
    engine = sqlalchemy.create_engine(
        address.set(drivername=_DRIVERS[kind]), connect_args=_TIMEOUTS[kind]
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def is_sqlite(url: str) -> bool:
    """Whether the URL is that of an SQLite file."""
    return sqlalchemy.make_url(url).get_backend_name() == "sqlite"


def one_line(error: sqlalchemy.exc.DBAPIError) -> str:
    """What the database said, on one line."""
    return " ".join(str(error.orig).split())
