"""Changes that somebody knows of and has accepted: each in one series, at a run."""

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
    """The run with this id or its unique beginning, or all runs of the code version of this name.

    Raises:
        UnknownRunError: There is neither.
    """
    with store.database.read() as connection:
        try:
            return frozenset((stored_runs.find(connection, name).run.run_id,))
        except UnknownRunError:
            of_version = select(runs.c.run_id).where(runs.c.code_name == name)
            found = frozenset(connection.execute(of_version).scalars())
            if not found:
                raise
            return found
