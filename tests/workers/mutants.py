"""Subjects that are wrong in one way each, and loads that make them show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.data import Data
from pipeline.load import ClosedLoad
from results.attempt_result import Finding
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.checker.checked import Checked
from workers.checker.history import KeptHistory
from workers.checker.statistics import differing, findings_of
from workers.data import key_names
from workers.group import Alone
from workers.ledger import Ledger
from workers.load import run_closed_load
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.subjects.base import Loader, Served, Subject
from workers.values import Values

MIX = {"get": 8.0, "get_many": 1.0, "set": 1.0, "set_many": 1.0, "delete": 1.0}


class LosesWrites(DictSubject):
    """Acknowledges a write of what it has already, and keeps what it had."""

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Only where there was nothing."""
        self.stored.setdefault(key, value)


class LosesBatches(DictSubject):
    """The same of many at once."""

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Only where there was nothing."""
        self.stored = {**items, **self.stored}


class ForgetsDeletes(DictSubject):
    """Acknowledges deletes, and keeps all."""

    async def delete(self, key: str) -> None:
        """Nothing is deleted."""


class MixesKeys(DictSubject):
    """Answers with what lies under another key."""

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """The first of all values."""
        served = await super().get(key, loader)
        other = next(iter(self.stored.values()))
        return Served(other, served.tier)


class MixesBatches(DictSubject):
    """The same of many at once."""

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """The right values in the wrong order."""
        found = await super().get_many(keys)
        return dict(zip(found, reversed(list(found.values())), strict=True))


class MangledValues(DictSubject):
    """Changes what it is given."""

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """A revision that nobody wrote."""
        self.stored[key] = {**value, "revision": float(value["revision"]) + 0.5}


class AppliesTwice(DictSubject):
    """Applies a write once more after the one that followed it, as a retry that comes late does."""

    def __init__(self) -> None:
        super().__init__()
        self._retried: dict[str, Any] = {}

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Remember what is to be applied again."""
        if key in self.stored:
            self._retried[key] = self.stored[key]
        self.stored[key] = value

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """The newest value once, then the one before."""
        served = await super().get(key, loader, ttl_s)
        if key in self._retried:
            self.stored[key] = self._retried.pop(key)
        return served


class SeesTheFuture(DictSubject):
    """Serves a revision that will be written, or never is."""

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Of what is in the dict, the next revision."""
        served = await super().get(key, loader, ttl_s)
        if isinstance(served.value, dict):
            return served._replace(value={**served.value, "revision": 10_000})
        return served


class CountsTwice(DictSubject):
    """Counts every hit in L1 twice."""

    def __init__(self) -> None:
        super().__init__()
        self._hits = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Count."""
        served = await super().get(key, loader, ttl_s)
        self._hits += 2 * (served.tier == "l1")
        return served

    def statistics(self) -> Mapping[str, int]:
        """What it counted."""
        return {"l1_hits": self._hits}


async def checked_alone(subject: Subject) -> tuple[Checked, dict[str, Finding]]:
    """What is said of a subject under the load of one worker.

    Returns:
        The check, and what was found by its name; the statistics are compared too.
    """
    load = ClosedLoad(users=4, operations=120, mix=MIX)
    ledger = Ledger(Values(9, Data(kind="users")))
    history = KeptHistory(subject, ledger, Alone(), 1_000.0, lambda: 0.0)
    origin = Origin(ledger, 0.0)
    caller = Caller(history.subject, ledger, CodeBook(), Recorder().record, origin.load)
    await run_closed_load(load, key_names("users", 20), caller, seed=9, phase=0)
    checked = await history.check("load")
    found = {finding.kind: finding for finding in checked.findings}
    different = differing(caller.reads, subject.statistics())
    return checked, found | {finding.kind: finding for finding in findings_of(different)}
