"""Which rows are measured: those whose name, or whose family's name, matches what was asked for."""

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from tests.perf.rows import ROWS

Choice = dict[str, frozenset[str]]


def choose(patterns: Sequence[str], families: Collection[str]) -> Choice:
    """Return each family that has to be measured, with its rows that were asked for.

    Args:
        patterns: Names of families and of rows, with `*` for anything; everything where empty.
        families: Every family, in the order in which they are measured; the name of a row begins
            with its family's.

    Raises:
        LookupError: A pattern matches nothing.
    """
    for pattern in patterns:
        if not _matching((*families, *ROWS), pattern):
            raise LookupError(pattern)
    wanted = {family: _rows_wanted(family, patterns or ["*"]) for family in families}
    return {family: rows for family, rows in wanted.items() if rows}


def _rows_wanted(family: str, patterns: Sequence[str]) -> frozenset[str]:
    rows = [name for name in ROWS if name == family or name.startswith(f"{family}-")]
    whole = any(fnmatchcase(family, pattern) for pattern in patterns)
    return frozenset(
        rows if whole else (name for each in patterns for name in _matching(rows, each))
    )


def _matching(names: Iterable[str], pattern: str) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)]
