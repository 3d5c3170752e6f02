"""Finds both sides that a command was given, and compares them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli.code_version import resolve_commit
from pipeline.cli.missing_figures import unit_lines
from results.errors import NothingComparableError
from results.metrics import METRICS
from results.store import Store
from results.versus.asking import Asked, ask
from results.versus.comparison import Comparison, compare
from results.versus.headline import named
from results.versus.sides import Sides, sides_of
from results.versus.verdicts import Limits
from results.versus.wish import Wish
from results.versus.words import Chosen, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two sides, what there was to compare, and what that came to."""

    sides: Sides
    asked: Asked
    comparison: Comparison


def wish_for(
    patterns: Sequence[str] | None,
    scenario: str | None,
    subject: str | None,
    phase: str | None,
    default: frozenset[str] | None = None,
) -> Wish:
    """What the options ask for; metrics by default those of `default`.

    Raises:
        UnknownMetricError: A pattern means no metric.
    """
    metrics = named(patterns) if patterns else default
    return Wish(metrics=metrics, scenario=scenario, subject=subject, phase=phase)


def compare_words(
    store: Store, a: str, b: str, wish: Wish, *, margin: float, smallest: float = 0.01
) -> Compared:
    """Compare what two words mean.

    Raises:
        UnknownSideError: One of them means nothing that can be compared.
        NothingComparableError: They have no series in common.
    """
    with store.database.read() as connection:
        words = Words(connection, commit_in_this_folder)
        sides = sides_of(connection, words.choose(a), words.choose(b))
        with _naming_other_units(store, wish):
            asked = ask(connection, sides, wish)
    limits = Limits(margin=margin, smallest=smallest, machine=asked.machine)
    return Compared(sides=sides, asked=asked, comparison=compare(asked.questions, limits))


@contextmanager
def _naming_other_units(store: Store, wish: Wish) -> Iterator[None]:
    """Where nothing can be compared, say so of metrics that were stored in another unit."""
    try:
        yield
    except NothingComparableError as error:
        lines = lines_on_units(store, wish)
        if not lines:
            raise
        raise NothingComparableError("; ".join((str(error), *lines))) from None


def lines_on_units(store: Store, wish: Wish) -> list[str]:
    """A line for each metric that is wanted and was stored in another unit too."""
    return unit_lines(store, sorted((wish.metrics or METRICS.keys()) & METRICS.keys()))


def commit_in_this_folder(name: str) -> str | None:
    """What git resolves here."""
    return resolve_commit(name, Path())


def notes_of(sides: Sides, asked: Asked) -> list[str]:
    """What else there is to know of a comparison, a line each."""
    notes = [note for chosen in (sides.a, sides.b) for note in chosen.notes]
    for chosen, count in zip((sides.a, sides.b), asked.only, strict=True):
        if count:
            notes.append(f"{count} series only {chosen.said} has")
    return notes


def runs_of(chosen: Chosen) -> str:
    """A side with its number of runs, where it has several."""
    number = len(chosen.run_ids)
    return chosen.said if number == 1 else f"{chosen.said} ({number} runs)"
