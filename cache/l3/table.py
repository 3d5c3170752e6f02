"""L3's tables, and the form in which keys and tags enter their columns."""

import hashlib
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

LAYOUT: Final = 2
"""Raised with every change of a table; layout 1 had no number and only ``cache_entries``."""

PURGE_KEEP_S: Final = 600.0
"""How long what has expired or was deleted is remembered: the longest load that is fenced."""

LONGEST_KEY_BYTES: Final = 512
_DIGEST_PREFIX: Final = "sha256:"

metadata = sa.MetaData()

# Byte order: PostgreSQL compares fastest so, and Python sorts in the same order.
_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

layouts = sa.Table("cache_layout", metadata, sa.Column("layout", sa.Integer, nullable=False))


def _table(name: str, *parts: SchemaItem) -> sa.Table:
    # These rows are little more than their key: SQLite keeps them in its index alone.
    return sa.Table(name, metadata, *parts, sqlite_with_rowid=False)


def _key_column(name: str) -> sa.Column[Any]:
    return sa.Column(name, _Name, primary_key=True)


namespaces = _table(
    "cache_namespaces",
    _key_column("namespace"),
    sa.Column("floor", sa.BigInteger, nullable=False),
)

entries = sa.Table(
    "cache_entries",
    metadata,
    _key_column("namespace"),
    _key_column("key"),
    sa.Column("value", sa.LargeBinary, comment="NULL: deleted"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("floor", sa.BigInteger, nullable=False, comment="the namespace's when written"),
    sa.Column("seen", sa.BigInteger, comment="the version that a fill was made for"),
    sa.Column("expires_at", sa.Double),
    sa.Column("fresh_until", sa.Double),
    sa.Column("stored_at", sa.Double, nullable=False),
    sa.Column("cost_s", sa.Double, nullable=False),
    sa.Column("tags", sa.Text, comment="JSON"),
    sa.Index("cache_entries_expires_at", "expires_at"),
)

tags = _table(
    "cache_tags",
    _key_column("namespace"),
    _key_column("tag"),
    _key_column("key"),
    sa.Column("long_key", sa.Text, comment="JSON, where the key is a digest"),
    sa.Index("cache_tags_key", "namespace", "key"),
)

expected = _table(
    "cache_expected",
    _key_column("namespace"),
    _key_column("tag"),
    _key_column("key"),
    sa.Column("long_key", sa.Text),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Index("cache_expected_expires_at", "expires_at"),
)

pending = _table(
    "cache_pending_invalidation",
    _key_column("namespace"),
    _key_column("key"),
    sa.Column("long_key", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("written_at", sa.Double, nullable=False, comment="this version"),
    sa.Column("since", sa.Double, nullable=False, comment="the oldest that L2 may have missed"),
    sa.Index("cache_pending_invalidation_since", "namespace", "since"),
)


def row_key(text: str) -> str:
    """Return ``text``, or a digest of one that an index or a text column can't hold."""
    raw = text.encode()
    if len(raw) > LONGEST_KEY_BYTES or "\0" in text or text.startswith(_DIGEST_PREFIX):
        return _DIGEST_PREFIX + hashlib.sha256(raw).hexdigest()
    return text


def long_key(key: str, row: str) -> str | None:
    """Return what brings ``key`` back from its ``row_key``, in JSON, which has no NUL."""
    return None if key == row else msgspec.json.encode(key).decode()


def original_key(row: str, long: str | None) -> str:
    """Return the key of a row."""
    return row if long is None else msgspec.json.decode(long, type=str)
