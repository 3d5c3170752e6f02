"""Which runs are exported: whole ones that have ended and were aggregated."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import ColumnElement, Connection, select

from results.records import AttemptOutcome
from results.storage import runs as stored_runs
from results.storage.groups import OPEN
from results.storage.series import Selection
from results.tables import attempts, jobs, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Runs that can be exported, oldest first, and others that were asked for and go on."""

    run_ids: tuple[str, ...]
    still_open: tuple[str, ...]


def choose(connection: Connection, wanted: Selection) -> Chosen:
    """The runs that are asked for.

    Args:
        connection: A reading transaction.
        wanted: Which; `run_ids` may be unique beginnings, `scenario` is one that has jobs in the
            run, and `last` are the newest of all. Figures are not chosen among: runs go whole.

    Raises:
        UnknownRunError: One that is named is not there.
    """
    conditions = list(_conditions(connection, wanted))
    newest = select(runs.c.run_id).where(*conditions)
    newest = newest.order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
    asked = list(connection.execute(newest.limit(wanted.last)).scalars())[::-1]
    still_open = _open_runs(connection)
    return Chosen(
        run_ids=tuple(run_id for run_id in asked if run_id not in still_open),
        still_open=tuple(run_id for run_id in asked if run_id in still_open),
    )


def _conditions(connection: Connection, wanted: Selection) -> list[ColumnElement[bool]]:
    found = [runs.c.labels[key].as_string() == value for key, value in wanted.labels.items()]
    if wanted.run_ids:
        whole = [stored_runs.find(connection, each).run.run_id for each in wanted.run_ids]
        found.append(runs.c.run_id.in_(whole))
    if wanted.since_s is not None:
        found.append(runs.c.created_at >= wanted.since_s)
    if wanted.until_s is not None:
        found.append(runs.c.created_at < wanted.until_s)
    if wanted.scenario is not None:
        names = connection.execute(select(jobs.c.scenario).distinct()).scalars()
        like = [name for name in names if fnmatchcase(name, wanted.scenario)]
        found.append(runs.c.run_id.in_(select(jobs.c.run_id).where(jobs.c.scenario.in_(like))))
    return found


def _open_runs(connection: Connection) -> set[str]:
    """Runs that go on, or whose figures are not merged yet, or whose worker is not done yet."""
    not_aggregated = select(runs.c.run_id).where(runs.c.aggregated_at.is_(None))
    open_jobs = select(jobs.c.run_id).where(jobs.c.state.in_(OPEN))
    running = select(jobs.c.run_id).join(attempts)
    running = running.where(attempts.c.outcome == AttemptOutcome.RUNNING)
    return {
        run_id
        for query in (not_aggregated, open_jobs, running)
        for run_id in connection.execute(query.distinct()).scalars()
    }
