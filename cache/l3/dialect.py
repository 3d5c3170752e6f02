"""Fills L3's statements with the words in which SQLite and PostgreSQL differ.

Batches and lists travel as one JSON document, payloads as one string of bytes behind each other:
so a statement has one text, which the database prepares once, however many keys there are.
"""

import re
from collections.abc import Mapping
from functools import cache
from string import Template
from types import MappingProxyType
from typing import Final

_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "sqlite": {
            # A transaction that starts as a reader can't wait for its turn to write, it fails at
            # once with "database is locked".
            "begin": "BEGIN IMMEDIATE",
            "now": "((julianday('now') - 2440587.5) * 86400.0)",
            "now_us": "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)",
            "greatest": "max",
            "byte_order": "",
            "in_names": "IN (SELECT value FROM json_each(:names))",
            "skip_locked": "",
        },
        "postgresql": {
            # A stricter default of the server's would turn lost races into errors.
            "begin": "BEGIN ISOLATION LEVEL READ COMMITTED",
            "now": "CAST(extract(epoch FROM statement_timestamp()) AS double precision)",
            "now_us": "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS bigint)",
            "greatest": "greatest",
            "byte_order": 'COLLATE "C"',
            "in_names": "= ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:names AS jsonb))))",
            "skip_locked": "FOR UPDATE OF p SKIP LOCKED",
        },
    }
)

BATCHES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "writes": {
            "key": "text",
            "start": "integer",
            "size": "integer",
            "ttl_s": "double precision",
            "fresh_s": "double precision",
            "age_s": "double precision",
            "cost_s": "double precision",
            "tags": "text",
            "seen": "bigint",
            "floor": "bigint",
        },
        "tagged": {"key": "text", "tag": "text", "long_key": "text"},
        "versions": {"key": "text", "version": "bigint", "long_key": "text"},
    }
)
"""The columns of each kind of JSON document, in the order of a row's cells."""


@cache
def render(text: str, dialect: str) -> str:
    """Return a statement in the words, and with the parameters, of one database.

    Args:
        text: The statement, with ``$words`` and ``:parameters``.
        dialect: SQLAlchemy's name of the database.
    """
    batches = {name: _rows(columns, dialect) for name, columns in BATCHES.items()}
    statement = Template(text).substitute(_WORDS[dialect], **batches)
    if dialect == "postgresql":
        return re.sub(r":(\w+)", r"%(\1)s", statement)
    return statement


def _rows(columns: Mapping[str, str], dialect: str) -> str:
    """Return the parameter ``batch``, a JSON array of arrays, as rows."""
    if dialect == "postgresql":
        source = "jsonb_array_elements(CAST(:batch AS jsonb)) AS row"
        cells = [
            f"CAST(row->>{n} AS {type_}) AS {c}" for n, (c, type_) in enumerate(columns.items())
        ]
    else:
        source = "json_each(:batch)"
        cells = [f"json_extract(value, '$[{n}]') AS {c}" for n, c in enumerate(columns)]
    return f"(SELECT {', '.join(cells)} FROM {source})"  # noqa: S608 - our own words alone
