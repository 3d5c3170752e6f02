"""Which runs are exported: whole ones that have ended and were aggregated."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import ColumnElement, Connection, select

from results.storage import runs as stored_runs
from results.storage.ended import still_open
from results.storage.labels import labelled
from results.storage.series import Selection
from results.tables import jobs, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Runs that can be exported, oldest first, and others that were asked for and go on."""

    run_ids: tuple[str, ...]
    open_ids: tuple[str, ...]


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
    going_on = still_open(connection)
    return Chosen(
        run_ids=tuple(run_id for run_id in asked if run_id not in going_on),
        open_ids=tuple(run_id for run_id in asked if run_id in going_on),
    )


def _conditions(connection: Connection, wanted: Selection) -> list[ColumnElement[bool]]:
    found = labelled(wanted.labels)
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
