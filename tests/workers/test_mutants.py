"""Subjects that are wrong in one way each: the checker must catch every one, and prove it."""

import asyncio
from dataclasses import asdict

import pytest

from pipeline.data import Data
from results.finding_text import describe
from tests.workers import mutants
from tests.workers.checker.pair import Shard, a_pair
from tests.workers.mutants import checked_alone
from tests.workers.scenarios import DictSubject
from workers.checker.checked import Checked
from workers.checker.history import KeptHistory
from workers.shared_ledger import SharedLedger
from workers.subjects.base import Loader, Served
from workers.values import Values

COUNTED = {
    "wrong_values",
    "stale_reads",
    "resurrected_reads",
    "impossible_reads",
    "overdue_reads",
    "repeated_writes",
    "statistics_mismatches",
}


@pytest.mark.parametrize(
    ("mutant", "kind", "proof"),
    [
        (mutants.LosesWrites, "stale_reads", "write write read"),
        (mutants.LosesWrites, "overdue_reads", "write write read"),
        (mutants.LosesBatches, "stale_reads", "write write read"),
        (mutants.ForgetsDeletes, "resurrected_reads", "write delete read"),
        (mutants.ForgetsDeletes, "overdue_reads", "delete read"),
        (mutants.MixesKeys, "wrong_values", "read"),
        (mutants.MixesBatches, "wrong_values", "read"),
        (mutants.MangledValues, "wrong_values", "read"),
        (mutants.AppliesTwice, "repeated_writes", "write read read"),
        (mutants.SeesTheFuture, "impossible_reads", "read"),
        (mutants.CountsTwice, "statistics_mismatches", ""),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value),
)
async def test_a_wrong_subject_is_caught_with_its_proof(
    mutant: type[DictSubject], kind: str, proof: str
) -> None:
    """What each does wrong is counted under its own name, and the operations are told in order."""
    _checked, found = await checked_alone(mutant())
    finding = found[kind]
    assert finding.count > 0
    assert len(finding.example) <= 4
    done = " ".join(each["operation"] for each in finding.example)
    assert all(word in done for word in proof.split())
    told = describe(asdict(finding))
    assert told[0].startswith(kind.replace("_", " "))
    assert len(told) == len(finding.example) + 1


async def test_a_stale_value_is_proven_by_what_replaced_it() -> None:
    """A write, one that began after it and was acknowledged, and a read after that of the first."""
    _checked, found = await checked_alone(mutants.LosesWrites())
    *older, newer, read = found["overdue_reads"].example
    assert len({each["key"] for each in (newer, read)}) == 1
    assert newer["operation"] == "write"
    assert newer["value"] != read["value"]
    assert newer["ended_s"] <= read["began_s"]
    assert all(each["value"] == read["value"] for each in older)
    assert all(each["ended_s"] < newer["began_s"] for each in older)


async def test_a_correct_subject_is_not_caught() -> None:
    """Nothing of it is counted, though everything was looked at."""
    checked, found = await checked_alone(DictSubject())
    assert set(found) <= {"never_read_writes"}
    assert {name: checked.counts[name] for name in COUNTED & set(checked.counts)} == {
        "impossible_reads": 0,
        "overdue_reads": 0,
        "repeated_writes": 0,
    }
    assert checked.counts["checked_reads"] > 500
    assert checked.counts["checked_writes"] > 100
    assert checked.staleness_ns is not None
    assert checked.staleness_ns.max() == 0


class _Lags(DictSubject):
    """Another worker's cache: it looks at the common values only now and then, or never again."""

    def __init__(self, common: DictSubject, look_every: int | None) -> None:
        super().__init__()
        self._common = common
        self._look_every = look_every
        self._reads = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """From its own copy, which it renews now and then."""
        self._reads += 1
        due = self._look_every is not None and self._reads % self._look_every == 0
        if due or key not in self.stored:
            self.stored.pop(key, None)
            if key in self._common.stored:
                self.stored[key] = self._common.stored[key]
        return await super().get(key, None)


async def _lagging(look_every: int | None, promised_ms: float | None) -> Checked:
    """What a reader's check says, whose cache lags behind what another worker writes."""
    common, values = DictSubject(), Values(9, Data())
    writing, reading = a_pair()

    async def write(group: Shard) -> Checked:
        ledger = SharedLedger(values, group)
        history = KeptHistory(common, ledger, group, promised_ms, lambda: 0.0)
        for number in range(200):
            write, value = ledger.begin_write(f"simple:{number % 4}")
            await history.subject.set(f"simple:{number % 4}", value)
            ledger.acknowledge(write)
            await asyncio.sleep(0)
        return await history.check("load")

    async def read(group: Shard) -> Checked:
        ledger = SharedLedger(values, group)
        subject = _Lags(common, look_every)
        history = KeptHistory(subject, ledger, group, promised_ms, lambda: 0.0)
        for number in range(400):
            await history.subject.get(f"simple:{number % 4}", None)
            await asyncio.sleep(0)
        return await history.check("load")

    _written, seen = await asyncio.gather(write(writing), read(reading))
    return seen


async def test_a_lag_within_what_is_promised_is_measured_and_not_caught() -> None:
    """The reads are stale, and may be."""
    checked = await _lagging(7, 60_000.0)
    assert checked.counts["cross_stale_reads"] > 0
    assert (checked.counts["overdue_reads"], checked.counts["repeated_writes"]) == (0, 0)
    assert not {finding.kind for finding in checked.findings} & COUNTED


async def test_a_lag_beyond_what_is_promised_is_caught() -> None:
    """The promise is what the subject states; the proof names both workers."""
    checked = await _lagging(None, 0.0)
    assert checked.counts["overdue_reads"] > 0
    (finding,) = [each for each in checked.findings if each.kind == "overdue_reads"]
    assert [each["operation"] for each in finding.example] == ["write", "write", "read"]
    assert [each["worker"] for each in finding.example] == [0, 0, 1]
    assert "0 ms are promised" in finding.text


async def test_without_a_promise_nothing_is_overdue() -> None:
    """How old reads were is known all the same."""
    checked = await _lagging(None, None)
    assert "overdue_reads" not in checked.counts
    assert checked.stale.overdue is None
    assert checked.counts["cross_stale_reads"] == len(checked.stale.began_ns) > 0
    assert set(checked.stale.began_ns) <= set(checked.stale.comparable_ns)
