"""Baselines: runs by a name, which others are held against until the name is given on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from results.errors import BaselineError
from results.records import StoredRun
from results.storage.clock import Now
from results.store import Store
from results.tables import baselines, runs

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A named run; times are in seconds since the epoch."""

    name: str
    run_id: str
    set_at_s: float
    created_at_s: float
    code_name: str | None
    excluded: str | None


def set_baseline(store: Store, name: str, run: StoredRun) -> str | None:
    """Give a run a name, in place of the run that had it.

    Args:
        store: The results database.
        name: 1 to 200 printable characters without blanks at its ends.
        run: The run.

    Returns:
        The id of the run that had the name before; None where none had.

    Raises:
        BaselineError: The name can't be one, or the run is open or excluded.
    """
    _check_name(name)
    run_id = run.run.run_id
    named = baselines.c.name == name
    with store.database.write() as connection:
        _check_run(connection, run_id)
        before = connection.execute(select(baselines.c.run_id).where(named)).scalar()
        connection.execute(delete(baselines).where(named))
        row = insert(baselines).values(name=name, run_id=run_id, set_at=Now())
        connection.execute(row)
    return None if before is None else str(before)


def all_baselines(store: Store) -> list[Baseline]:
    """Every baseline, by name."""
    with store.database.read() as connection:
        return baselines_in(connection)


def baselines_in(connection: Connection) -> list[Baseline]:
    """As `all_baselines`, in a reading transaction."""
    found = connection.execute(
        select(baselines, runs.c.created_at, runs.c.code_name, runs.c.excluded_reason)
        .join_from(baselines, runs)
        .order_by(baselines.c.name)
    )
    return [
        Baseline(
            name=row.name,
            run_id=row.run_id,
            set_at_s=row.set_at,
            created_at_s=row.created_at,
            code_name=row.code_name,
            excluded=row.excluded_reason,
        )
        for row in found
    ]


def remove_baseline(store: Store, name: str) -> None:
    """Take a name off its run, which stays.

    Raises:
        BaselineError: No baseline has it.
    """
    with store.database.write() as connection:
        removed = connection.execute(delete(baselines).where(baselines.c.name == name)).rowcount
        if not removed:
            raise BaselineError(unknown(name, baselines_in(connection)))


def unknown(name: str, there: Sequence[Baseline]) -> str:
    """One line about a baseline that there is not."""
    if not there:
        return f"no baseline {name!r}: there are none yet; `bench baseline set {name} RUN` makes it"
    return f"no baseline {name!r}; there are {', '.join(each.name for each in there)}"


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise BaselineError(
            f"a baseline can't be called {name[:40]!r}: 1 to {_LONGEST_NAME} printable characters, "
            "without blanks at its ends"
        )


def _check_run(connection: Connection, run_id: str) -> None:
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one()
    if row.aggregated_at is None:
        raise BaselineError(
            f"run {run_id} has not ended: wait for it (`bench status {run_id}`), then set it"
        )
    if row.excluded_reason is not None:
        raise BaselineError(
            f"run {run_id} is excluded ({row.excluded_reason}): nothing can be held against it; "
            f"`bench mark {run_id} --include` takes it in again"
        )
