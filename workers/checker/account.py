"""Operations as a finding tells them: names of keys, revisions, seconds since the attempt began."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.checker.log import EVERY, NEVER, NOTHING, Kind, Log
from workers.written import Clear, Write

Told = Mapping[str, Any]

_SHORT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How one worker tells of what was done.

    Args:
        zero_ns: When the attempt began, on the clock of what is told.
        worker: Whose account it is, from 0.
        names: Keys by their numbers; others are told by number.
    """

    zero_ns: int
    worker: int
    names: Mapping[int, str]

    def read(self, row: Log) -> Told:
        """A row of type `READ`, of this worker."""
        times = (int(row["began"]), int(row["ended"]))
        return self.told("read", self._name(row), _revision(row), times)

    def change(self, row: Log) -> Told:
        """A row of type `CHANGE`; what an origin has answered was loaded from then on."""
        kind = Kind(int(row["kind"]))
        value = _revision(row) if kind in (Kind.WRITE, Kind.ANSWER) else None
        operation = "load" if kind is Kind.ANSWER else kind.name.lower()
        times = (int(row["began"]), int(row["acked"]))
        return self.told(operation, self._name(row), value, times, int(row["shard"]))

    def written(self, key: str, change: Write | Clear) -> Told:
        """A record of this worker's ledger."""
        times = (change.begin, change.end)
        if isinstance(change, Clear):
            return self.told("clear", None, None, times)
        if change.deletes:
            return self.told("delete", key, None, times)
        return self.told("write", key, change.revision, times)

    def told(
        self,
        operation: str,
        key: str | None,
        value: Any,
        times_ns: tuple[int, int],
        worker: int | None = None,
    ) -> Told:
        """Any operation.

        Args:
            operation: Its name.
            key: None where it is about all of them.
            value: A revision, or what was read.
            times_ns: Its begin and its end; `NEVER` or later where it was never answered.
            worker: Who did it; this one where None.
        """
        began_ns, ended_ns = times_ns
        return {
            "operation": operation,
            "key": key,
            "value": value,
            "worker": self.worker if worker is None else worker,
            "began_s": self._second(began_ns),
            "ended_s": None if ended_ns >= NEVER else self._second(ended_ns),
        }

    def _second(self, moment_ns: int) -> float:
        return round((moment_ns - self.zero_ns) / 1e9, 6)

    def _name(self, row: Log) -> str | None:
        number = int(row["key"])
        return None if number == EVERY else self.names.get(number, f"key {number:x}")


def shortened(value: Any) -> str:
    """A value as it is shown: what it begins with."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."


def _revision(row: Log) -> int | None:
    revision = int(row["revision"])
    return None if revision == NOTHING else revision
