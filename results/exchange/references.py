"""What rows of a run refer to: only what stands before them in the same run of the same file."""

from collections.abc import Mapping
from typing import Any

from results.exchange.shapes import SHAPES

_KEYS = {
    "runs": "run_id",
    "jobs": "job_id",
    "workers": "worker_id",
    "environments": "fingerprint_hash",
    "attempts": "attempt_id",
    "summaries": "id",
}
_REFERRING = {
    "run_id": "runs",
    "job_id": "jobs",
    "worker_id": "workers",
    "fingerprint_hash": "environments",
    "attempt_id": "attempts",
    "summary_id": "summaries",
}
_REFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    table: tuple(
        (column, _REFERRING[column])
        for column in sorted(shape.names & _REFERRING.keys())
        if column != _KEYS.get(table)
    )
    for table, shape in SHAPES.items()
}


class References:
    """The keys of one run's rows so far."""

    def __init__(self) -> None:
        self._known: dict[str, set[Any]] = {table: set() for table in _KEYS}

    def check(self, table: str, row: Mapping[str, Any]) -> None:
        """Take note of a row that others may refer to.

        Raises:
            ValueError: It refers to what is not there, or is there already.
        """
        for column, target in _REFERENCES[table]:
            value = row[column]
            if value is not None and value not in self._known[target]:
                raise ValueError(
                    f"a row of {table} refers to {column} {str(value)[:64]!r}, which is not among "
                    f"the {target} of its run"
                )
        key = _KEYS.get(table)
        if key is not None:
            self._add(table, row[key])

    def _add(self, table: str, value: Any) -> None:
        known = self._known[table]
        if value in known:
            raise ValueError(f"{str(value)[:64]!r} is there twice among the {table} of its run")
        known.add(value)
