"""What all phases of an attempt share, and what is done with it before each."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.scenario import Phase, Step
from pipeline.trace import Trace
from workers.caller import TtlOf
from workers.checker.history import History
from workers.faults.ground import Ground
from workers.group import Alone, Gathering
from workers.ledger import Ledger
from workers.part import Part
from workers.recorder import CodeBook
from workers.server_view import ServerSnapshot, snapshot
from workers.subjects.base import Subject
from workers.threads import run_to_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all phases of an attempt share.

    Args:
        subject: The cache under test, started.
        ledger: What was written so far.
        history: What is noted of the operations of all phases.
        codes: Numbers what is recorded.
        seed: The job's seed.
        key_names: The names of the scenario's keys, by number.
        traces: The requests of each trace load, by the phase's position.
        ground: What faults can reach.
        now_s: Seconds since the attempt began.
        ttl_of: The TTL of each key; None where the data has none.
        group: The jobs that make the load together with this one.
        writers: So many of them write, the others read; None where each does both.
        l2_url: The L2 that the subject uses, past any proxy; None where it uses none.
        windows: Counts the fault windows of all phases.
        has_support: Whether the subject has the tiers without which the scenario says nothing.
    """

    subject: Subject
    ledger: Ledger
    history: History
    codes: CodeBook
    seed: int
    key_names: Sequence[str]
    traces: dict[int, Trace]
    ground: Ground
    now_s: Callable[[], float]
    ttl_of: TtlOf | None = None
    group: Gathering = field(default_factory=Alone)
    writers: int | None = None
    l2_url: str | None = None
    windows: Iterator[int] = field(default_factory=itertools.count)
    has_support: bool = True

    @property
    def part(self) -> Part:
        """This worker's part of each load."""
        return Part(shard=self.group.shard, shards=self.group.shards, writers=self.writers)


async def prepare(stage: Stage, phase: Phase) -> int | None:
    """Do the steps before a phase; what all shards share is emptied by the first of them.

    Args:
        stage: The subject and its place in its group.
        phase: What is to be done afterwards.

    Returns:
        Keys that warming put into L1; None where no step warms.

    Raises:
        InvalidAttemptError: Another shard of the group failed.
    """
    warmed: int | None = None
    for number, step in enumerate(phase.before):
        if step == "warm":
            warmed = (warmed or 0) + await _warmed(stage.subject)
        elif step == "empty_l1":
            await stage.history.subject.empty("l1")
        else:
            await _empty_for_all(stage, step, f"{step} {number} of {phase.name}")
    return warmed


async def _empty_for_all(stage: Stage, step: Step, name: str) -> None:
    """Empty a shared tier while no shard is still in the phase before, or already ahead."""
    await stage.group.hand_over(f"before {name}", b"")
    if stage.group.shard == 0:
        await stage.history.subject.empty(step.removeprefix("empty_"))
    await stage.group.hand_over(f"after {name}", b"")


async def _warmed(subject: Subject) -> int:
    return 0 if "warm" in subject.lacks else await subject.warm()


async def server_view(stage: Stage) -> ServerSnapshot | None:
    """What L2's server says of itself now; None where the subject has none.

    It says the same to all shards of a group, so the first of them asks for all.
    """
    if stage.l2_url is None or stage.group.shard > 0:
        return None
    return await run_to_end(snapshot, stage.l2_url)
