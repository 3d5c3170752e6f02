"""Metrics as they are stored: each name in one unit is a kind of its own."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from results.storage.files import is_new
from results.tables import kinds

_UNIQUE = (kinds.c.name, kinds.c.unit)


def ids(connection: Connection, units: Mapping[str, str]) -> dict[str, int]:
    """The numbers of metrics in these units, by name; those that are not there yet are added.

    Args:
        connection: A writing transaction.
        units: The unit of each metric, by its name.
    """
    known = _known(connection, units)
    for name in sorted(units.keys() - known.keys()):
        is_new(connection, kinds, {"name": name, "unit": units[name]}, *_UNIQUE)
    return known if known.keys() == units.keys() else _known(connection, units)


def units_of(connection: Connection, names: Collection[str]) -> dict[str, frozenset[str]]:
    """The units in which each of these metrics is stored; nothing of one that is not."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = select(kinds.c.name, kinds.c.unit).where(kinds.c.name.in_(names))
    for name, unit in connection.execute(wanted):
        found[name].add(unit)
    return {name: frozenset(units) for name, units in found.items()}


def _known(connection: Connection, units: Mapping[str, str]) -> dict[str, int]:
    found = connection.execute(select(kinds).where(kinds.c.name.in_(units)))
    return {row.name: row.id for row in found if row.unit == units[row.name]}
