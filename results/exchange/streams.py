"""What exports of every format have in common: how rows are written, and how they come back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from results.errors import ExchangeError


class FileRow(NamedTuple):
    """One row of an export as it stands there, not checked yet."""

    table: str
    values: Mapping[str, Any]


class Writer(Protocol):
    """Writes an export."""

    def rows(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of one table, each with its values in the order of `names`."""

    def end_run(self) -> None:
        """Say that all rows of a run were written."""

    def close(self, counts: Mapping[str, int]) -> None:
        """Write the end: how many rows of each table there are."""


class Reader(Protocol):
    """Reads an export; its header is checked by then."""

    name: str

    def rows(self) -> Iterator[FileRow]:
        """Every row, in the order of the file.

        Raises:
            ValueError: The file is damaged or cut off.
        """

    def place(self) -> str:
        """Where the row that came last stands in the file."""


def at(reader: Reader, problem: object) -> ExchangeError:
    """A problem with where it is; nothing is imported then."""
    what = " ".join(str(problem).split())
    return ExchangeError(f"{reader.name}, {reader.place()}: {what}; nothing was imported")
