"""L3's table and statements, with every time taken from the database's own clock."""

import hashlib
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

LONGEST_KEY_BYTES: Final = 512
_DIGEST_PREFIX: Final = "sha256:"

metadata = sa.MetaData()

entries = sa.Table(
    "cache_entries",
    metadata,
    sa.Column("namespace", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.Double),
    sa.Index("cache_entries_expires_at", "expires_at"),
)


class DatabaseNow(sa.sql.functions.FunctionElement[float]):
    """Seconds since 1970 by the database's clock."""

    type = sa.Double()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(_element: DatabaseNow, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseNow, "postgresql")
def _postgresql_now(_element: DatabaseNow, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


_namespace = sa.bindparam("in_namespace", type_=sa.Text)
_mine = entries.c.namespace == _namespace
_fresh = sa.or_(entries.c.expires_at.is_(None), entries.c.expires_at > DatabaseNow())

READ: Final = sa.select(
    entries.c.key, entries.c.value, (entries.c.expires_at - DatabaseNow()).label("left_s")
).where(_mine, entries.c.key.in_(sa.bindparam("keys", expanding=True)), _fresh)

DELETE: Final = sa.delete(entries).where(_mine, entries.c.key == sa.bindparam("row_key"))


def _some(condition: sa.ColumnElement[bool]) -> sa.Delete:
    """Delete a limited number of rows, so that no statement holds the database for long."""
    identity = sa.tuple_(entries.c.namespace, entries.c.key)
    chosen = (
        sa.select(entries.c.namespace, entries.c.key).where(condition).limit(sa.bindparam("rows"))
    )
    return sa.delete(entries).where(identity.in_(chosen))


CLEAR_SOME: Final = _some(_mine)
PURGE_SOME: Final = _some(entries.c.expires_at <= DatabaseNow())


def upsert(dialect: str) -> sa.Insert:
    """Return the statement that stores a row, with a version higher than the one it replaces."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(entries)
    statement = insert.values(
        namespace=_namespace,
        key=sa.bindparam("row_key"),
        value=sa.bindparam("payload", type_=sa.LargeBinary),
        version=1,
        expires_at=DatabaseNow() + sa.bindparam("ttl_s", type_=sa.Double),
    )
    return statement.on_conflict_do_update(
        index_elements=[entries.c.namespace, entries.c.key],
        set_={
            "value": statement.excluded.value,
            "version": entries.c.version + 1,
            "expires_at": statement.excluded.expires_at,
        },
    )


def row_key(key: str) -> str:
    """Return ``key``, or a digest of one that an index or a text column can't hold."""
    raw = key.encode()
    if len(raw) > LONGEST_KEY_BYTES or "\0" in key or key.startswith(_DIGEST_PREFIX):
        return _DIGEST_PREFIX + hashlib.sha256(raw).hexdigest()
    return key
