"""Changes that somebody knows of and has accepted: each in one series, at a run."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from results.errors import UnknownRunError
from results.series import SeriesKey
from results.storage import runs as stored_runs
from results.storage.clock import Now
from results.store import Store
from results.tables import acknowledgements, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChange:
    """An acknowledgement as it is stored; `at_s` is in seconds since the epoch."""

    number: int
    key: SeriesKey
    run_id: str
    reason: str
    at_s: float


def known_changes(connection: Connection) -> list[KnownChange]:
    """Everything that was acknowledged, the newest last."""
    table = acknowledgements.c
    found = connection.execute(select(acknowledgements).order_by(table.at, table.id))
    return [
        KnownChange(
            number=row.id,
            key=SeriesKey(
                metric=row.metric,
                scenario=row.scenario,
                subject=row.subject,
                parameters=row.parameters,
                environment_class=row.environment_class,
                phase=row.phase,
            ),
            run_id=row.run_id,
            reason=row.reason,
            at_s=row.at,
        )
        for row in found
    ]


def remember(store: Store, changes: Iterable[tuple[SeriesKey, str]], reason: str) -> None:
    """Store that these changes are known, each by its series and its run, with the reason."""
    rows = [
        {
            "run_id": run_id,
            "metric": key.metric,
            "phase": key.phase,
            "scenario": key.scenario,
            "subject": key.subject,
            "parameters": key.parameters,
            "environment_class": key.environment_class,
            "reason": reason,
        }
        for key, run_id in changes
    ]
    if rows:
        with store.database.write() as connection:
            connection.execute(insert(acknowledgements).values(at=Now()), rows)


def forget(store: Store, numbers: Collection[int]) -> None:
    """Remove acknowledgements by their numbers."""
    if numbers:
        with store.database.write() as connection:
            connection.execute(delete(acknowledgements).where(acknowledgements.c.id.in_(numbers)))


def runs_named(store: Store, name: str) -> frozenset[str]:
    """The run with this id or its unique beginning, or all runs of one code version.

    Args:
        store: The results database.
        name: Also a version's name, such as a commit, or what only one begins with.

    Raises:
        UnknownRunError: There is neither.
    """
    with store.database.read() as connection:
        try:
            return frozenset((stored_runs.find(connection, name).run.run_id,))
        except UnknownRunError:
            found = _of_version(connection, name)
            if not found:
                raise
            return found


def _of_version(connection: Connection, name: str) -> frozenset[str]:
    begins_so = runs.c.code_name.startswith(name, autoescape=True)
    of_versions: defaultdict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(runs.c.run_id, runs.c.code_name).where(begins_so)):
        of_versions[row.code_name].add(row.run_id)
    if name not in of_versions and len(of_versions) > 1:
        return frozenset()
    return frozenset(of_versions.get(name) or next(iter(of_versions.values()), ()))
