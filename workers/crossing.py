"""Watches what one worker writes and another reads, and has it compared after the load.

A wrapper round the subject notes both where the caller of the cache sees them. Where nobody writes
for others to read, the subject stays as it is.
"""

from typing import Protocol

from workers.coherence import READ, WRITE, Crossed, compare, decode_writes
from workers.group import Gathering
from workers.noted import NotedReads, NotedWrites, Notes, RevisionOf
from workers.subjects.base import Subject


class Crossing(Protocol):
    """What one phase's reads see of other workers' writes."""

    @property
    def subject(self) -> Subject:
        """The cache under test, as the phase's load is to use it."""
        ...

    async def compare(self, phase: str) -> Crossed | None:
        """Compare once the load has ended; None for a worker that does not read others' writes."""
        ...


class NoCrossing:
    """The workers of the phase, if there are several, all do the same."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    async def compare(self, phase: str) -> Crossed | None:  # noqa: ARG002 - nothing to hand over
        """Nothing was watched."""
        return None


def crossing_of(
    subject: Subject, revision_of: RevisionOf, group: Gathering, writers: int | None
) -> Crossing:
    """The watch of a phase.

    Args:
        subject: The cache under test.
        revision_of: The revision of a key's value; None where the value does not tell.
        group: All that do the phase together.
        writers: So many of them write what the others read; None where each does both.
    """
    if writers is None:
        return NoCrossing(subject)
    if group.shard < writers:
        return _Writing(subject, revision_of, group)
    return _Reading(subject, revision_of, group)


class _Reading:
    """A reader's side: notes what it reads, takes the writers' logs, and compares."""

    def __init__(self, subject: Subject, revision_of: RevisionOf, group: Gathering) -> None:
        self._log = Notes(3)
        self._group = group
        self.subject: Subject = NotedReads(subject, revision_of, self._log)

    async def compare(self, phase: str) -> Crossed | None:
        """Wait for the writers' logs and compare."""
        handed_over = await self._group.hand_over(f"log of {phase}", b"")
        reads = self._log.taken(READ, self._group.clock.offset_ns)
        return compare(decode_writes(handed_over.values()), reads)


class _Writing:
    """A writer's side: notes what it writes, and hands it over."""

    def __init__(self, subject: Subject, revision_of: RevisionOf, group: Gathering) -> None:
        self._log = Notes(4)
        self._group = group
        self.subject: Subject = NotedWrites(subject, revision_of, self._log)

    async def compare(self, phase: str) -> Crossed | None:
        """Hand over what was written."""
        writes = self._log.taken(WRITE, self._group.clock.offset_ns)
        await self._group.hand_over(f"log of {phase}", writes.tobytes())
        return None
