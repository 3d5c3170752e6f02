"""Reads back, at the end of an attempt, every key that had an acknowledged write or delete.

all loads have ended -> healthy -> empty the tiers -> healthy -> read back -> what seems lost is
read once more when the time is up for which the subject promises no more than to show it old; who
promises more than a few seconds is not waited for
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns

import numpy as np

from pipeline.scenario import Tier
from results.attempt_result import Finding
from workers.checker.account import Account, Told
from workers.checker.log import NEVER, NOTHING, Times
from workers.checker.lost import Found, LastWrites, Lost
from workers.health import EVERY_S, HEALTHY
from workers.stage import Stage
from workers.subjects.base import Served

HEALTHY_WITHIN_S = 5.0
READ_WITHIN_S = 10.0
PATIENCE_S = 5.0
BATCH = 100
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What one worker has found.

    Args:
        audited_writes: Keys whose newest acknowledged write or delete was looked for; None where
            there was none to look for.
        lost_writes: Those of them that were not there.
        lost_began_ns: When each of these began, on `time.perf_counter_ns`; None: nothing audited.
        findings: The first of them, with its proof.
    """

    audited_writes: int | None = None
    lost_writes: int | None = None
    lost_began_ns: Times | None = None
    findings: tuple[Finding, ...] = field(default=())


async def audit(stage: Stage, tiers: Sequence[Tier]) -> Audited:
    """Empty some tiers and read back what was written; after the last phase, by all workers.

    Args:
        stage: The subject, its history and its place in its group.
        tiers: Which are emptied; those that the subject lacks are passed over.

    Raises:
        InvalidAttemptError: Another worker of the group failed.
    """
    history = stage.history
    if not len(history.changes):
        return Audited()
    await _settle(stage)
    await stage.group.hand_over("audit begins", b"")
    await _empty(stage, tiers)
    await stage.group.hand_over("audit emptied", b"")
    await _settle(stage)
    error_ns = stage.group.clock.error_ns
    audited = await _Audit(stage, LastWrites(history.changes, stage.group.shard, error_ns)).run()
    await stage.group.hand_over("audit ends", b"")
    return audited


class _Audit:
    """One worker's part of it."""

    def __init__(self, stage: Stage, writes: LastWrites) -> None:
        self._stage = stage
        self._writes = writes
        names = stage.history.account.names
        self._keys = {names[number]: number for number in writes.keys}
        ttl_of = stage.ttl_of
        self._may_expire = {
            number: ttl_of is not None and ttl_of(key) is not None
            for key, number in self._keys.items()
        }

    async def run(self) -> Audited:
        found = await self._read_back(list(self._keys))
        lost = self._lost(found)
        if lost and self._stage.history.promised_ns:
            await self._until_promised()
            doubted = {each.found.key for each in lost}
            names = self._stage.history.account.names
            again = await self._read_back([names[number] for number in doubted])
            found = [each for each in found if each.key not in doubted] + again
            lost = self._lost(again)
        if not found:
            return Audited()
        return Audited(
            audited_writes=len(found),
            lost_writes=len(lost),
            lost_began_ns=np.array([each.change["began"] for each in lost], dtype=np.int64),
            findings=tuple(_finding(lost, self._stage.history.account)),
        )

    def _lost(self, found: Iterable[Found]) -> list[Lost]:
        return self._writes.lost(found, may_expire=self._may_expire)

    async def _until_promised(self) -> None:
        """Wait until everything written may be expected to be seen by all, but not for ever."""
        history = self._stage.history
        acked = history.changes["acked"]
        last_ns = int(np.max(acked[acked != NEVER], initial=0)) + (history.promised_ns or 0)
        left_s = max(last_ns - perf_counter_ns(), 0) / _NS_PER_S
        await asyncio.sleep(min(left_s, PATIENCE_S))

    async def _read_back(self, keys: Sequence[str]) -> list[Found]:
        """What the keys hold; those that nobody answers for in time are left out."""
        found: list[Found] = []
        until_ns = perf_counter_ns() + round(READ_WITHIN_S * _NS_PER_S)
        for first in range(0, len(keys), BATCH):
            found += await self._read_batch(keys[first : first + BATCH], until_ns)
        return found

    async def _read_batch(self, keys: Sequence[str], until_ns: int) -> list[Found]:
        while True:
            began_ns = perf_counter_ns()
            try:
                answer = await self._ask(keys)
            except Exception:  # noqa: BLE001 - what a subject does not answer is not audited
                if perf_counter_ns() > until_ns:
                    return []
                await asyncio.sleep(EVERY_S)
                continue
            return list(self._found(answer, began_ns, perf_counter_ns()))

    async def _ask(self, keys: Sequence[str]) -> dict[str, Served]:
        subject = self._stage.subject
        if "get_many" not in subject.lacks:
            return dict(await subject.get_many(keys))
        return {key: await subject.get(key, None) for key in keys}

    def _found(self, answer: dict[str, Served], began_ns: int, ended_ns: int) -> Iterator[Found]:
        revision_of = self._stage.ledger.revision_of
        for key, (value, tier) in answer.items():
            missing = tier == "miss"
            told = NOTHING if value is None else revision_of(key, value)
            yield Found(
                key=self._keys[key],
                revision=None if missing else told,
                missing=missing,
                unwritten=not missing and told is None and self._tells(key),
                began_ns=began_ns,
                ended_ns=ended_ns,
            )

    def _tells(self, key: str) -> bool:
        """Whether the values of a key say their revision; those of a few bytes don't."""
        ledger = self._stage.ledger
        return ledger.revision_of(key, ledger.truth(key)) is not None


async def _settle(stage: Stage) -> None:
    """Wait for the subject to be healthy, where it can say so, but not for ever."""
    until_ns = perf_counter_ns() + round(HEALTHY_WITHIN_S * _NS_PER_S)
    while perf_counter_ns() < until_ns:
        if await stage.subject.health() in {HEALTHY, None}:
            return
        await asyncio.sleep(EVERY_S)


async def _empty(stage: Stage, tiers: Sequence[Tier]) -> None:
    """Each worker empties its own L1, the first of them what all share."""
    for tier in tiers:
        if tier not in stage.subject.lacks and (tier == "l1" or stage.group.shard == 0):
            await stage.subject.empty(tier)


def _finding(lost: Sequence[Lost], account: Account) -> Iterator[Finding]:
    if not lost:
        return
    first = min(lost, key=lambda each: int(each.change["began"]))
    found, change = first.found, account.change(first.change)
    key, value = account.names[found.key], None if found.revision == NOTHING else found.revision
    made = [] if first.made is None else [account.change(first.made)]
    read = account.told("read", key, value, (found.began_ns, found.ended_ns))
    yield Finding(
        kind="lost_writes",
        phase=None,
        count=len(lost),
        text=f"{_said(change, key)} was acknowledged, {_there(found)} was there at the end",
        example=(*made, change, read),
    )


def _there(found: Found) -> str:
    if found.missing or found.unwritten:
        return "nothing" if found.missing else "what nobody wrote"
    return "None" if found.revision == NOTHING else f"revision {found.revision}"


def _said(change: Told, key: str) -> str:
    if change["operation"] == "write":
        return f"revision {change['value']} of {key}"
    return f"the {change['operation']} of {key}"
