"""What people say of a run afterwards: labels, notes, and that it takes no part in series."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from results.storage.clock import Now
from results.store import Store
from results.tables import notes, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody noted of a run; `at_s` is in seconds since the epoch."""

    run_id: str
    at_s: float
    text: str


def label(
    store: Store, run_id: str, labels: Mapping[str, str], removed: Collection[str] = ()
) -> None:
    """Label a run, in place of its labels of the same names.

    Args:
        store: The results database.
        run_id: The whole id of the run.
        labels: What is added.
        removed: Names of labels that are taken off.
    """
    locked = select(runs.c.labels).where(runs.c.run_id == run_id).with_for_update()
    with store.database.write() as connection:
        before = connection.execute(locked).scalar_one()
        kept = {key: value for key, value in before.items() if key not in removed}
        now = {**kept, **labels}
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(labels=now))


def annotate(store: Store, run_id: str, text: str) -> None:
    """Note something of a run, which has this whole id."""
    with store.database.write() as connection:
        connection.execute(insert(notes).values(run_id=run_id, at=Now(), text=text))


def exclude(store: Store, run_id: str, reason: str | None) -> None:
    """Let a run take no part in series, for a reason; without one it takes part again."""
    at = None if reason is None else Now()
    marked = update(runs).where(runs.c.run_id == run_id)
    with store.database.write() as connection:
        connection.execute(marked.values(excluded_at=at, excluded_reason=reason))


def notes_of(store: Store, run_ids: Collection[str]) -> list[Note]:
    """What was noted of these runs, oldest first."""
    with store.database.read() as connection:
        return notes_in(connection, run_ids)


def notes_in(connection: Connection, run_ids: Collection[str]) -> list[Note]:
    """As `notes_of`, in a reading transaction."""
    wanted = select(notes).where(notes.c.run_id.in_(run_ids)).order_by(notes.c.at, notes.c.id)
    found = connection.execute(wanted)
    return [Note(run_id=row.run_id, at_s=row.at, text=row.text) for row in found]
