"""Removes what attempts have left in shared tiers under namespaces that nobody uses any more.

A cache empties its namespace by itself, but may keep what tells an emptied one from one that was
never used: our own does so for a week in L2, and for good in L3.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import redis
import sqlalchemy

from cache.l3.table import metadata
from workers.errors import LeftoverError
from workers.l2_client import l2_client
from workers.l3_client import l3_connection, one_line

_BATCH = 5_000
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def sweep(namespaces: Sequence[str], l2_url: str | None, l3_url: str | None) -> None:
    """Remove every key and row of some namespaces.

    Args:
        namespaces: Prefixes of attempts that have ended.
        l2_url: The shared L2; None where the subject uses none.
        l3_url: The shared L3; None where the subject uses none.

    Raises:
        LeftoverError: A tier does not let them be removed.
    """
    try:
        if l2_url is not None:
            _sweep_l2(namespaces, l2_url)
        if l3_url is not None:
            _sweep_l3(namespaces, l3_url)
    except redis.RedisError as error:
        raise LeftoverError(f"keys left over in L2 can't be removed: {error}") from None
    except sqlalchemy.exc.DBAPIError as error:
        text = one_line(error)
        raise LeftoverError(f"rows left over in L3 can't be removed: {text}") from None


def _sweep_l2(namespaces: Sequence[str], url: str) -> None:
    # Names are written with and without escapes, and a longer number is another namespace's.
    written = {form for each in namespaces for form in (each, quote(each, safe=" "))}
    is_ours = re.compile(rf"(?:{'|'.join(map(re.escape, written))})(?![0-9])").search
    with l2_client(url) as client:
        for pattern in {_pattern(each) for each in namespaces}:
            found = [name for name in _names(client, pattern) if is_ours(name)]
            for begin in range(0, len(found), _BATCH):
                client.unlink(*found[begin : begin + _BATCH])


def _names(client: redis.Redis, pattern: str) -> Iterator[str]:
    yield from client.scan_iter(match=pattern, count=_BATCH)


def _pattern(namespace: str) -> str:
    """What finds a namespace's names, and perhaps others', however they are escaped."""
    return f"*{max(_PLAIN.findall(namespace), key=len, default='')}*"


def _sweep_l3(namespaces: Sequence[str], url: str) -> None:
    with l3_connection(url) as connection:
        there = set(sqlalchemy.inspect(connection).get_table_names())
        for table in metadata.sorted_tables:
            if table.name in there and "namespace" in table.columns:
                ours = table.columns["namespace"].in_(namespaces)
                connection.execute(sqlalchemy.delete(table).where(ours))
        connection.commit()
