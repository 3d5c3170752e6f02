"""What all tables have in common: their names' rules, and how rows are numbered."""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_number() -> Column[int]:
    """A column `id` that the database numbers by itself."""
    # SQLite numbers rows by themselves only where the type is exactly INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
