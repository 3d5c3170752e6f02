"""Meetings: where the shards of a group wait for each other and hand things over."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from results.records import AttemptOutcome, Claim
from results.storage.clock import Now
from results.storage.files import insert_new
from results.tables import attempts, meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Who has come so far, and when, on the database's clock in seconds since the epoch.

    `wanted` says whether the attempt that asks may still be accepted; after that nobody comes.
    """

    arrived_at_s: Mapping[int, float]
    wanted: bool


def arrive(connection: Connection, claim: Claim, name: str, content: bytes) -> None:
    """Come to a meeting with something for the others; coming twice changes nothing.

    Nor does coming after the attempt has ended: nobody would clear away what was brought.
    """
    if not _is_wanted(connection, claim):
        return
    row = {
        "group": claim.job.group,
        "generation": claim.generation,
        "meeting": name,
        "shard": claim.job.shard,
        "arrived_at": Now(),
        "content": content,
    }
    insert_new(connection, meetings, row)


def look(connection: Connection, claim: Claim, name: str) -> Meeting:
    """Who has come to a meeting."""
    arrived = connection.execute(_of(claim, name, "arrived_at")).all()
    return Meeting(
        arrived_at_s={row.shard: row.arrived_at for row in arrived},
        wanted=_is_wanted(connection, claim),
    )


def contents(connection: Connection, claim: Claim, name: str) -> dict[int, bytes]:
    """What each shard that came has brought, by the shard's number."""
    found = connection.execute(_of(claim, name, "content"))
    return {row.shard: bytes(row.content) for row in found}


def _is_wanted(connection: Connection, claim: Claim) -> bool:
    outcome = select(attempts.c.outcome).where(attempts.c.attempt_id == claim.attempt_id)
    return bool(connection.execute(outcome).scalar_one() == AttemptOutcome.RUNNING)


def _of(claim: Claim, name: str, column: str) -> Select[tuple[int, float | bytes]]:
    return select(meetings.c.shard, meetings.c[column]).where(
        meetings.c.group == claim.job.group,
        meetings.c.generation == claim.generation,
        meetings.c.meeting == name,
    )
