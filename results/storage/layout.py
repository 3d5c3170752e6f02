"""The layout of the tables: whether a database has this code's, and how it gets there."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from results.errors import NewerLayoutError

HEAD = "0004"
_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_ADVISORY_LOCK = 7_305_447_126_018


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this code."""
    return _version(connection) == HEAD


def upgrade(connection: Connection) -> None:
    """Bring the tables to this code's layout, all or nothing, in the caller's transaction.

    Raises:
        NewerLayoutError: A newer Tierbench has written this database.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    version = _version(connection)
    if version != HEAD:
        _migrate(connection, version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(connection: Connection, version: str | None) -> None:
    # Alembic takes a while to import, and nearly every opening finds the tables as they should be.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise NewerLayoutError(
            f"the results database has the newer layout {version}, this Tierbench knows {HEAD}; "
            "upgrade Tierbench, or set BENCH_RESULTS_URL"
        )
    command.upgrade(config, "head")
