"""Which rows of old runs go, how much they are, and their end."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    cast,
    delete,
    func,
    select,
    text,
    update,
)

from results import tables
from results.details import details_of
from results.figures import Figures
from results.storage import measured, summaries
from results.storage.clock import Now
from results.storage.ended import still_open
from results.storage.runs import lock_run
from results.tables import attempts, baselines, jobs, runs

RAW = (tables.intervals, tables.distributions, tables.readings, tables.window_times)
"""What figures were made of; all else that a report shows is kept with the figures."""

_SEEN = (
    *(tables.phases, tables.trials, tables.observations, tables.fault_windows),
    *(tables.window_figures, tables.changes, tables.findings),
)
WHOLE = (
    *(tables.metrics, tables.judgements, tables.summaries, *RAW, *_SEEN),
    *(tables.attempts, tables.meetings, tables.jobs, tables.notes, tables.acknowledgements),
    tables.runs,
)
"""All that belongs to one run alone; what refers to others goes before them."""

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
# A worker registers before its first attempt is stored.
_ENDED_AGO_S = 3600.0
_STREAMED = {"yield_per": 1_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What is kept: what is younger than `age_s` seconds, or the newest `count` runs."""

    age_s: float | None = None
    count: int | None = None


def older(connection: Connection, bound: Bound) -> list[str]:
    """Runs beyond a bound that may go, oldest first: ended ones that no baseline points at."""
    found = select(runs.c.run_id).order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
    if bound.age_s is not None:
        found = found.where(runs.c.created_at < Now() - bound.age_s)
    ids = list(connection.execute(found).scalars())[bound.count or 0 :]
    kept = still_open(connection) | set(connection.execute(select(baselines.c.run_id)).scalars())
    return [run_id for run_id in reversed(ids) if run_id not in kept]


def pruned(connection: Connection) -> set[str]:
    """Runs that were pruned before."""
    found = select(runs.c.run_id).where(runs.c.pruned_at.is_not(None))
    return set(connection.execute(found).scalars())


def measure(
    connection: Connection, run_id: str, doomed: Iterable[Table]
) -> Mapping[str, tuple[int, int]]:
    """How many rows of a run there are in these tables, and how many bytes of histograms."""
    found = {}
    for table in doomed:
        sizes = [
            func.coalesce(func.sum(func.length(column)), 0)
            for column in table.c
            if isinstance(column.type, LargeBinary)
        ]
        counted = select(func.count(), *sizes).select_from(table).where(_of(table, run_id))
        rows, *sums = connection.execute(counted).one()
        found[table.name] = (rows, sum(map(int, sums)))
    return found


def may_go(connection: Connection, run_id: str) -> bool:
    """Lock a run; whether it is still there, has ended, and no baseline points at it."""
    lock_run(connection, run_id)
    if connection.execute(select(runs.c.run_id).where(runs.c.run_id == run_id)).first() is None:
        return False
    pointed_at = select(baselines.c.name).where(baselines.c.run_id == run_id)
    return not still_open(connection, run_id) and connection.execute(pointed_at).first() is None


def strip(connection: Connection, run_id: str) -> None:
    """Delete what a run's figures were made of, and mark it so that they stay as they are."""
    _keep_details(connection, run_id)
    for table in RAW:
        connection.execute(delete(table).where(_of(table, run_id)))
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(pruned_at=Now()))


def remove(connection: Connection, run_id: str) -> None:
    """Delete a run with all that belongs to it."""
    for table in WHOLE:
        connection.execute(delete(table).where(_of(table, run_id)))


def sweep(connection: Connection) -> Counter[str]:
    """Delete workers, environments and files that nothing refers to any more; how many of each.

    Args:
        connection: A writing transaction of its own.
    """
    if connection.dialect.name == "postgresql":
        # Whoever is about to refer to one of these has looked whether it is there.
        connection.execute(text("LOCK TABLE environments, files IN ACCESS EXCLUSIVE MODE"))
    used = select(attempts.c.worker_id)
    ended = tables.workers.c.alive_until < Now() - _ENDED_AGO_S
    gone: Counter[str] = Counter()
    for table, orphaned in (
        (tables.workers, ended & tables.workers.c.worker_id.not_in(used)),
        (tables.environments, _unused_environment()),
        (tables.files, tables.files.c.sha256.in_(_unused_files(connection))),
    ):
        gone[table.name] += connection.execute(delete(table).where(orphaned)).rowcount
    return gone


def _unused_environment() -> ColumnElement[bool]:
    key = tables.environments.c.fingerprint_hash
    return ~select(attempts.c.attempt_id).where(attempts.c.fingerprint_hash == key).exists()


def _unused_files(connection: Connection) -> set[str]:
    unused = set(connection.execute(select(tables.files.c.sha256)).scalars())
    if unused:
        specs = connection.execute(select(cast(jobs.c.spec, Text)), execution_options=_STREAMED)
        for spec in specs.scalars():
            unused.difference_update(_HASH.findall(spec or ""))
    return unused


def _of(table: Table, run_id: str) -> ColumnElement[bool]:
    """Whether a row belongs to a run."""
    if "run_id" in table.c:
        return table.c.run_id == run_id
    if "summary_id" in table.c:
        of_run = select(tables.summaries.c.id).where(tables.summaries.c.run_id == run_id)
        return table.c.summary_id.in_(of_run)
    its_jobs = select(jobs.c.job_id).where(jobs.c.run_id == run_id)
    if table is attempts:
        return attempts.c.job_id.in_(its_jobs)
    if table is tables.meetings:
        return table.c.group.in_(select(jobs.c.group).where(jobs.c.run_id == run_id))
    return table.c.attempt_id.in_(
        select(attempts.c.attempt_id).where(attempts.c.job_id.in_(its_jobs))
    )


def _keep_details(connection: Connection, run_id: str) -> None:
    """Make now what reports of runs that an older Tierbench aggregated make of the raw records."""
    for each in summaries.load(connection, run_id):
        if each.repeat is not None or each.details is not None:
            continue
        seen = measured.accepted(connection, run_id, each.scenario)
        figures = Figures([attempt for attempt in seen if attempt.subject == each.subject])
        merged: list[Any] = [
            tables.summaries.c.run_id == run_id,
            tables.summaries.c.scenario == each.scenario,
            tables.summaries.c.subject == each.subject,
            tables.summaries.c.repeat.is_(None),
        ]
        kept = update(tables.summaries).where(*merged)
        connection.execute(kept.values(details=details_of(figures)))
