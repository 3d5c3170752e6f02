"""A phase's check from end to end: what is counted, and what there is nothing of to count."""

import asyncio

import pytest

from pipeline.data import Data
from results.expectation import Expectation, Verdict
from results.figures import Figures
from results.judgement import judge
from tests.results.test_summary import an_attempt
from tests.workers.checker.pair import Shard, a_pair
from tests.workers.measuring import a_phase
from tests.workers.scenarios import DictSubject
from workers.checker.checked import Checked
from workers.checker.history import History, KeptHistory, NoHistory, history_of
from workers.errors import HistoryError
from workers.group import Alone
from workers.ledger import Ledger
from workers.observations import of_phase
from workers.shared_clock import SharedClock
from workers.shared_ledger import SharedLedger
from workers.values import Values

KEY = "users:1"


@pytest.fixture
def values() -> Values:
    """The values of one seed."""
    return Values(3, Data(kind="users"))


@pytest.fixture
def ledger(values: Values) -> Ledger:
    """The only worker's."""
    return Ledger(values)


def kept(ledger: Ledger, group: object = None, subject: object = None) -> KeptHistory:
    """A history of a correct cache that promises 100 ms."""
    return KeptHistory(subject or DictSubject(), ledger, group or Alone(), 100.0, lambda: 0.0)  # type: ignore[arg-type]


async def write(history: History, ledger: Ledger, key: str = KEY) -> None:
    """Write the next revision, as callers do."""
    change, value = ledger.begin_write(key)
    await history.subject.set(key, value)
    ledger.acknowledge(change)


async def test_what_there_is_nothing_of_to_check_is_not_counted(ledger: Ledger) -> None:
    """Without reads nothing is possible or impossible, without a change before a read none late."""
    history = kept(ledger)
    assert dict((await history.check("nothing")).counts) == {
        "checked_reads": 0,
        "checked_writes": 0,
    }
    await history.subject.get(KEY, None)
    assert (await history.check("miss")).staleness_ns is None
    await write(history, ledger)
    written = await history.check("written")
    assert dict(written.counts) == {
        "checked_reads": 0,
        "checked_writes": 1,
        "never_read_writes": 1,
    }
    await history.subject.get(KEY, None)
    read = await history.check("read")
    assert dict(read.counts) == {
        "checked_reads": 1,
        "checked_writes": 0,
        "impossible_reads": 0,
        "overdue_reads": 0,
        "repeated_writes": 0,
    }


async def test_phases_share_one_history(ledger: Ledger) -> None:
    """A write of an earlier phase supersedes what a later one reads."""
    subject = DictSubject()
    history = kept(ledger, subject=subject)
    await write(history, ledger)
    old = subject.stored[KEY]
    await write(history, ledger)
    await history.check("first")
    subject.stored[KEY] = old
    await history.subject.get(KEY, None)
    checked = await history.check("second")
    assert checked.counts["overdue_reads"] == 1
    (finding,) = checked.findings
    assert [each["value"] for each in finding.example] == [1, 2, 1]


async def test_without_a_history_only_the_ledger_speaks(ledger: Ledger, values: Values) -> None:
    """The subject is the very same object, and nothing is handed over."""
    subject = DictSubject()
    history = history_of(subject, ledger, Alone(), lambda: 0.0, kept=False, promises={})
    assert isinstance(history, NoHistory)
    assert history.subject is subject
    ledger.check(KEY, values.value("users:2", 0), 0)
    checked = await history.check("load")
    assert (dict(checked.counts), checked.staleness_ns) == ({}, None)
    assert [each.kind for each in checked.findings] == ["wrong_values"]


async def two(values: Values, clocks: tuple[SharedClock, SharedClock]) -> list[Checked]:
    """Each of two workers writes a key of its own and reads both, in turns."""
    common = DictSubject()
    turn = asyncio.Barrier(2)

    async def work(group: Shard) -> Checked:
        ledger = SharedLedger(values, group)
        history = kept(ledger, group, common)
        for _ in range(3):
            await write(history, ledger, f"users:{group.shard}")
            await turn.wait()
            await history.subject.get_many(["users:0", "users:1"])
            await turn.wait()
        await write(history, ledger, f"users:{group.shard}")
        return await history.check("load")

    first, second = a_pair()
    first.clock, second.clock = clocks
    return list(await asyncio.gather(work(first), work(second)))


async def test_each_checks_its_own_reads_against_everybodys_writes(values: Values) -> None:
    """And counts its own writes that nobody has read."""
    same = SharedClock()
    for checked in await two(values, (same, same)):
        assert dict(checked.counts) == {
            "checked_reads": 6,
            "checked_writes": 4,
            "impossible_reads": 0,
            "overdue_reads": 0,
            "repeated_writes": 0,
            "never_read_writes": 1,
            "cross_reads": 3,
            "cross_stale_reads": 0,
        }


async def test_clocks_that_differ_are_allowed_for(values: Values) -> None:
    """A worker whose clock is ten seconds ahead sees the future, unless the error is stated."""
    ahead = SharedClock(offset_ns=10_000_000_000)
    wrong = await two(values, (SharedClock(), ahead))
    assert wrong[0].counts["impossible_reads"] == 3
    error_ns = 11_000_000_000
    stated = (
        SharedClock(error_ns=error_ns),
        SharedClock(offset_ns=10_000_000_000, error_ns=error_ns),
    )
    for checked in await two(values, stated):
        assert checked.counts["impossible_reads"] == checked.counts["overdue_reads"] == 0


async def test_a_log_that_comes_twice_is_an_error(ledger: Ledger) -> None:
    """As where a worker hands over what it has handed over already."""

    class Twice(Alone):
        async def hand_over(self, name: str, content: bytes) -> dict[int, bytes]:
            return {0: content, 1: content}

    history = kept(ledger, Twice())
    await write(history, ledger)
    with pytest.raises(HistoryError, match="twice"):
        await history.check("load")


async def test_an_expectation_about_nothing_is_unknown(ledger: Ledger) -> None:
    """It passes only once there was something that could have been wrong."""
    history = kept(ledger)
    expected = [
        Expectation(metric=metric, equals=0)
        for metric in ("impossible_reads", "overdue_reads", "repeated_writes", "lost_writes")
    ]

    async def verdicts(phase: str) -> list[Verdict]:
        observations = tuple(of_phase(a_phase(checked=await history.check(phase))))
        figures = Figures([an_attempt(observations=observations)])
        return [judgement.verdict for judgement in judge(expected, figures, None)]

    await write(history, ledger)
    assert await verdicts("written") == [Verdict.UNKNOWN] * 4
    await history.subject.get(KEY, None)
    assert await verdicts("read") == [*[Verdict.PASS] * 3, Verdict.UNKNOWN]
