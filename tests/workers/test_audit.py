"""Reading back what was written: what is emptied, what is lost, and who counts it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pipeline.data import Data
from tests.workers.checker.pair import Shard, a_pair
from tests.workers.scenarios import DictSubject, a_stage
from workers import audit as audits
from workers.audit import Audited, audit
from workers.checker.history import KeptHistory
from workers.ledger import Ledger
from workers.shared_ledger import SharedLedger
from workers.stage import Stage
from workers.subjects.base import Loader, Served
from workers.values import Values


class TwoTiers(DictSubject):
    """Writes through to a second dict, which others may share, but for some of its writes."""

    lacks = DictSubject.lacks - {"l1", "l2"}

    def __init__(self, common: dict[str, Any] | None = None, keeps: int = 1) -> None:
        super().__init__()
        self.common = {} if common is None else common
        self.emptied: list[str] = []
        self.failing = 0
        self._keeps = keeps
        self._writes = 0

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """From the first or the second."""
        if key not in self.stored and key in self.common:
            self.stored[key] = self.common[key]
        return await super().get(key, loader, ttl_s)

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """The same, unless it fails."""
        if self.failing:
            self.failing -= 1
            raise TimeoutError
        return {key: await self.get(key, None) for key in keys}

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Into both; every so many does not reach the second."""
        self._writes += 1
        self.stored[key] = value
        if self._keeps == 1 or self._writes % self._keeps:
            self.common[key] = value

    async def empty(self, tier: str) -> None:
        """One of them."""
        self.emptied.append(tier)
        (self.stored if tier == "l1" else self.common).clear()


def a_kept_stage(subject: DictSubject, group: Shard | None = None, **more: Any) -> Stage:
    """A stage with a history, of a subject that promises 0 ms."""
    values = Values(11, Data())
    ledger = Ledger(values) if group is None else SharedLedger(values, group)
    stage = a_stage(subject, ledger=ledger, **({} if group is None else {"group": group}), **more)
    history = KeptHistory(subject, ledger, stage.group, 0.0, stage.now_s)
    return a_stage(subject, ledger=ledger, group=stage.group, history=history, **more)


async def write(stage: Stage, *numbers: int) -> None:
    """Write the next revision of each of these keys, and check the phase."""
    for number in numbers:
        change, value = stage.ledger.begin_write(f"simple:{number}")
        await stage.history.subject.set(f"simple:{number}", value)
        stage.ledger.acknowledge(change)
    await stage.history.check("load")


async def test_what_was_written_through_is_there() -> None:
    """L1 is emptied, and every key that was written is read back once."""
    subject = TwoTiers()
    stage = a_kept_stage(subject)
    await write(stage, 1, 2, 3, 1)
    audited = await audit(stage, ("l1",))
    assert subject.emptied == ["l1"]
    assert (audited.audited_writes, audited.lost_writes, audited.findings) == (3, 0, ())


async def test_writes_that_reached_l1_alone_are_lost_with_it() -> None:
    """The proof is the write and what was read at the end."""
    stage = a_kept_stage(TwoTiers(keeps=3))
    await write(stage, 1, 2, 3, 1, 2, 1)
    audited = await audit(stage, ("l1",))
    assert (audited.audited_writes, audited.lost_writes) == (3, 2)
    assert audited.lost_began_ns is not None
    assert len(audited.lost_began_ns) == 2
    (finding,) = audited.findings
    assert (finding.kind, finding.count) == ("lost_writes", 2)
    written, read = finding.example
    assert (written["operation"], written["key"], written["value"]) == ("write", "simple:3", 1)
    assert (read["operation"], read["value"]) == ("read", None)
    assert written["ended_s"] < read["began_s"]


async def test_an_older_value_is_a_loss_too() -> None:
    """What was there before the last acknowledged write."""
    stage = a_kept_stage(TwoTiers(keeps=2))
    await write(stage, 1, 1)
    audited = await audit(stage, ("l1",))
    assert audited.lost_writes == 1
    assert "revision 1 was there at the end" in audited.findings[0].text


async def test_what_was_deleted_and_is_there_again_is_a_loss() -> None:
    """The proof is what wrote it, the delete and the read."""
    stage = a_kept_stage(TwoTiers())
    change, value = stage.ledger.begin_write("simple:1")
    await stage.history.subject.set("simple:1", value)
    stage.ledger.acknowledge(change)
    stage.ledger.acknowledge(stage.ledger.begin_delete("simple:1"))
    await stage.history.subject.delete("simple:1")
    await stage.history.check("load")
    audited = await audit(stage, ("l1",))
    assert (audited.audited_writes, audited.lost_writes) == (1, 1)
    (finding,) = audited.findings
    assert (
        finding.text == "the delete of simple:1 was acknowledged, revision 1 was there at the end"
    )
    assert [each["operation"] for each in finding.example] == ["write", "delete", "read"]


@pytest.mark.parametrize(
    ("left", "there"),
    [("x", "what nobody wrote"), ("value of simple:1, revision 9, ", "revision 9")],
)
async def test_what_nobody_wrote_is_no_trace_of_a_write(left: str, there: str) -> None:
    """A damaged value, or one of a revision that was never made, stands where the write should."""
    subject = TwoTiers()
    stage = a_kept_stage(subject)
    await write(stage, 1, 2)
    subject.common["simple:1"] = left
    audited = await audit(stage, ("l1",))
    assert (audited.audited_writes, audited.lost_writes) == (2, 1)
    (finding,) = audited.findings
    assert finding.text == f"revision 1 of simple:1 was acknowledged, {there} was there at the end"
    assert [each["operation"] for each in finding.example] == ["write", "read"]


async def test_where_nothing_was_acknowledged_nothing_is_audited() -> None:
    """Neither without a history nor without writes; a tier that lacks is left alone."""
    subject = TwoTiers()
    assert await audit(a_stage(subject), ("l1",)) == Audited()
    stage = a_kept_stage(subject)
    await stage.history.check("nothing")
    assert await audit(stage, ("l1",)) == Audited()
    lacking = a_kept_stage(DictSubject())
    await write(lacking, 1)
    assert (await audit(lacking, ("l1", "l2", "l3"))).lost_writes == 0


async def test_what_a_subject_does_not_answer_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For a while; what it never answers is not audited."""
    subject = TwoTiers()
    stage = a_kept_stage(subject)
    await write(stage, 1)
    subject.failing = 2
    assert (await audit(stage, ("l1",))).audited_writes == 1
    monkeypatch.setattr(audits, "READ_WITHIN_S", 0.0)
    subject.failing = 100
    assert await audit(stage, ("l1",)) == Audited()


async def test_keys_with_a_ttl_may_be_gone() -> None:
    """Their time may be up."""
    stage = a_kept_stage(TwoTiers(keeps=2), ttl_of=lambda key: 1.0 if key == "simple:2" else None)
    await write(stage, 1, 2)
    audited = await audit(stage, ("l1",))
    assert (audited.audited_writes, audited.lost_writes) == (2, 0)


async def test_of_a_group_each_key_is_audited_once() -> None:
    """Each empties its own L1, the first alone what all share; a lost key counts once."""
    common: dict[str, Any] = {}
    subjects = [TwoTiers(common), TwoTiers(common)]

    async def work(group: Shard) -> Audited:
        stage = a_kept_stage(subjects[group.shard], group)
        await write(stage, group.shard, 5)
        return await audit(stage, ("l1", "l2"))

    audited = await asyncio.gather(*(work(group) for group in a_pair()))
    assert [subject.emptied for subject in subjects] == [["l1", "l2"], ["l1"]]
    assert [each.audited_writes for each in audited] == [2, 1]
    assert [each.lost_writes for each in audited] == [2, 1]
