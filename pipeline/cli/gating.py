"""Finds the baseline and the candidate that `bench gate` was given, and judges them."""

from dataclasses import dataclass

from pipeline.cli.two_sides import compare_words
from results.baselines import Baseline, all_baselines
from results.errors import BaselineError
from results.store import Store
from results.versus.asking import Asked
from results.versus.gate import GateResult, gate
from results.versus.sides import Sides
from results.versus.wish import Wish

_DEFAULT = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedSides:
    """A baseline (A), a candidate (B), and what the gate says of them."""

    sides: Sides
    asked: Asked
    result: GateResult


def gate_words(
    store: Store, baseline: str | None, candidate: str, wish: Wish, max_regression: float
) -> GatedSides:
    """Hold what one word means against what another one does.

    Args:
        store: The results database.
        baseline: A baseline's name or a word of `bench compare`; None for the only baseline, or
            the one called `main`.
        candidate: A word of `bench compare`.
        wish: What is judged.
        max_regression: How much worse a metric may be, as a share.

    Raises:
        BaselineError: No baseline was named, and there is none or there are several.
        UnknownSideError: A word means nothing that can be judged.
        NothingComparableError: They have no series in common.
    """
    word = _word(baseline, all_baselines(store))
    found = compare_words(store, word, candidate, wish, margin=max_regression)
    result = gate(found.comparison, max_regression, found.asked.lost)
    return GatedSides(sides=found.sides, asked=found.asked, result=result)


def _word(baseline: str | None, there: list[Baseline]) -> str:
    names = [each.name for each in there]
    if baseline is not None:
        return f"baseline:{baseline}" if baseline in names else baseline
    if _DEFAULT in names or len(names) == 1:
        return f"baseline:{_DEFAULT if _DEFAULT in names else names[0]}"
    if names:
        listed = ", ".join(names)
        raise BaselineError(f"there are several baselines, {listed}: name one with --baseline")
    raise BaselineError(
        "there is no baseline to hold a run against: `bench baseline set main RUN` makes one"
    )
