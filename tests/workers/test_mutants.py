"""Subjects that are wrong in one way each: the ledger must catch every one."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pipeline.data import Data
from pipeline.load import ClosedLoad
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Ledger
from workers.load import run_closed_load
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.subjects.base import Loader, Served
from workers.values import Values


class _LosesWrites(DictSubject):
    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        self.stored.setdefault(key, value)


class _LosesBatches(DictSubject):
    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        self.stored = {**items, **self.stored}


class _ForgetsDeletes(DictSubject):
    async def delete(self, key: str) -> None:
        pass


class _MixesKeys(DictSubject):
    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        served = await super().get(key, loader)
        other = next(iter(self.stored.values()))
        return Served(other, served.tier)


class _MixesBatches(DictSubject):
    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        found = await super().get_many(keys)
        return dict(zip(found, reversed(list(found.values())), strict=True))


class _MangledValues(DictSubject):
    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        self.stored[key] = {**value, "revision": float(value["revision"]) + 0.5}


@pytest.mark.parametrize(
    ("subject", "finding"),
    [
        (_LosesWrites(), "stale_reads"),
        (_LosesBatches(), "stale_reads"),
        (_ForgetsDeletes(), "resurrected_reads"),
        (_MixesKeys(), "wrong_values"),
        (_MixesBatches(), "wrong_values"),
        (_MangledValues(), "wrong_values"),
        (DictSubject(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DictSubject) else str(value),
)
async def test_a_wrong_subject_is_caught_and_a_right_one_is_not(
    subject: DictSubject, finding: str | None
) -> None:
    """What each does wrong is counted under its own name, and nothing of a correct cache is."""
    mix = {"get": 8.0, "get_many": 1.0, "set": 1.0, "set_many": 1.0, "delete": 1.0}
    load = ClosedLoad(users=4, operations=500, mix=mix)
    ledger = Ledger(Values(9, Data(kind="users")))
    caller = Caller(subject, ledger, CodeBook(), Recorder().record, Origin(ledger, 0.0).load)
    await run_closed_load(load, key_names("users", 20), caller, seed=9, phase=0)
    found = ledger.findings
    faults = {
        name: getattr(found, name) for name in ("stale_reads", "resurrected_reads", "wrong_values")
    }
    if finding is None:
        assert faults == {"stale_reads": 0, "resurrected_reads": 0, "wrong_values": 0}
    else:
        assert faults[finding] > 0
