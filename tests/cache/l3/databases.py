"""Both databases that L3 can be, and a look into them past the cache."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import psycopg
import pytest

from cache.l3.sql import SqlTier

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def url_of(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of the kind that a fixture is parametrized with."""
    name = "l3_url" if request.param == "sqlite" else "postgresql_url"
    return str(request.getfixturevalue(name))


def sql(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Execute a statement, and commit it, on a connection of its own."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
            return database.execute(statement).fetchall()
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def age(url: str, seconds: float, *, table: str = "cache_entries") -> None:
    """Let what has an end in a table have come to it earlier."""
    sql(url, f"UPDATE {table} SET expires_at = expires_at - {seconds}")


@asynccontextmanager
async def opened(url: str, namespace: str = "s", **settings: Any) -> AsyncIterator[SqlTier]:
    """A tier on the database."""
    tier = SqlTier(url, namespace, **{"timeout_s": 10.0, **settings})
    await tier.open()
    try:
        yield tier
    finally:
        await tier.close()


@asynccontextmanager
async def several(url: str, number: int, **settings: Any) -> AsyncIterator[list[SqlTier]]:
    """Some tiers of one namespace, as so many processes have them."""
    tiers = [SqlTier(url, "s", **{"timeout_s": 10.0, **settings}) for _ in range(number)]
    for tier in tiers:
        await tier.open()
    try:
        yield tiers
    finally:
        await asyncio.gather(*(tier.close() for tier in tiers))
