"""Marks a run, and tells what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from pipeline.cli.consoles import new_table
from pipeline.cli.errors import UsageError
from results import marks
from results.marks import Note
from results.moment import iso_time
from results.records import StoredRun
from results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is to be said of a run; None or empty says nothing."""

    labels: Mapping[str, str]
    unlabelled: tuple[str, ...]
    note: str | None
    exclude: str | None
    include: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedRun:
    """A run with what is said of it."""

    stored: StoredRun
    notes: list[Note]


def check(wanted: Marks) -> None:
    """Refuse what says nothing, or two things at once.

    Raises:
        UsageError: A text is empty, or a run is to be excluded and included.
    """
    if wanted.include and wanted.exclude is not None:
        raise UsageError("--exclude and --include contradict each other; give one of them")
    labels = [("--label", f"{key}={value}") for key, value in wanted.labels.items()]
    for option, text in (("--note", wanted.note), ("--exclude", wanted.exclude), *labels):
        if text is not None:
            check_text(option, text)


def check_text(option: str, text: str) -> None:
    """Refuse a text that says nothing, or that a terminal would do something at.

    Raises:
        UsageError: It is empty, or not printable.
    """
    if not text.strip():
        raise UsageError(f"{option}: the text is empty; say why, for those who read it later")
    if not text.isprintable():
        raise UsageError(f"{option}: the text has characters that can't be printed; leave them out")


def apply(store: Store, run_id: str, wanted: Marks) -> MarkedRun:
    """Mark the run; what is said of it then."""
    if wanted.labels or wanted.unlabelled:
        marks.label(store, run_id, wanted.labels, wanted.unlabelled)
    if wanted.note is not None:
        marks.annotate(store, run_id, wanted.note)
    if wanted.exclude is not None or wanted.include:
        marks.exclude(store, run_id, wanted.exclude)
    return MarkedRun(stored=store.run(run_id), notes=marks.notes_of(store, [run_id]))


def told(marked: MarkedRun) -> dict[str, Any]:
    """It as JSON-able data."""
    return {
        "run_id": marked.stored.run.run_id,
        "labels": dict(marked.stored.run.labels),
        "excluded": marked.stored.excluded,
        "notes": [{"at": iso_time(note.at_s), "text": note.text} for note in marked.notes],
    }


def draw(marked: MarkedRun) -> RenderableType:
    """It as a table: labels, notes, and why it is excluded."""
    table = new_table()
    table.add_column("run", no_wrap=True)
    table.add_column(marked.stored.run.run_id, overflow="fold")
    for key, value in marked.stored.run.labels.items():
        table.add_row("label", f"{key}={value}")
    for note in marked.notes:
        table.add_row("note", f"{iso_time(note.at_s)} {note.text}")
    if marked.stored.excluded is not None:
        table.add_row("excluded", marked.stored.excluded)
    return table
