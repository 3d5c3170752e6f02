"""One side of a comparison of one metric: runs, each with the figures of its repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """The figures of one run's repeats that take part.

    Args:
        run_id: The run.
        at_s: When it was created, in seconds since the epoch.
        values: Each repeat's figure by its number; at least one.
    """

    run_id: str
    at_s: float
    values: dict[int, float]

    @property
    def value(self) -> float:
        """The median of its repeats."""
        return median(self.values.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side's figures: `runs` is never empty."""

    runs: tuple[RunFigures, ...]

    @property
    def run_ids(self) -> frozenset[str]:
        """Its runs."""
        return frozenset(run.run_id for run in self.runs)

    @property
    def by_repeat(self) -> dict[tuple[str, int], float]:
        """Each figure by run and repeat."""
        return {
            (run.run_id, repeat): value
            for run in self.runs
            for repeat, value in sorted(run.values.items())
        }

    @property
    def values(self) -> list[float]:
        """Every repeat's figure."""
        return list(self.by_repeat.values())

    @property
    def medians(self) -> list[float]:
        """Each run's median."""
        return [run.value for run in self.runs]


def in_turns(a: Side, b: Side) -> list[tuple[float, float]]:
    """The medians of runs that were measured in turns (ABBA or ABAB), one of each side a pair.

    Returns:
        Pairs in the order of time; nothing where the runs did not take turns.
    """
    runs = [(run.at_s, side, run.value) for side in (0, 1) for run in (a, b)[side].runs]
    runs.sort(key=lambda each: each[0])
    twos = list(zip(runs[::2], runs[1::2], strict=False))
    if len(runs) % 2 or any(first[1] == second[1] for first, second in twos):
        return []
    return [_in_order(*two) for two in twos]


def _in_order(
    first: tuple[float, int, float], second: tuple[float, int, float]
) -> tuple[float, float]:
    of_a, of_b = sorted((first, second), key=lambda each: each[1])
    return of_a[2], of_b[2]


def pairs_of_runs(a: Side, b: Side) -> list[tuple[float, float]]:
    """The figures of the same repeats of the same runs, A's and B's."""
    of_a, of_b = a.by_repeat, b.by_repeat
    return [(value, of_b[place]) for place, value in of_a.items() if place in of_b]


def are_positive(*values: Sequence[float]) -> bool:
    """Whether all can be compared as ratios."""
    return all(value > 0 for each in values for value in each)
