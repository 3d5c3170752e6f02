"""Runs between which nothing was changed, made up: how often does a comparison accuse one of them?

Figures are log-normal. Repeats of a run share its hour, whose slowness wanders (an autoregressive
process), as that of a virtual machine does.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np

from results.versus.comparison import Comparison, compare
from results.versus.estimating import Surroundings
from results.versus.question import Place, Question
from results.versus.side import RunFigures, Side
from results.versus.verdicts import Limits, Verdict
from tests.perf.bench import Bench
from tests.perf.result import Measured

METRICS: Final = (
    "throughput_ops_per_second",
    "p50_response_time_ms",
    "p95_response_time_ms",
    "p99_response_time_ms",
    "max_response_time_ms",
    "avg_service_time_ms",
    "hit_ratio",
    "loads",
    "worker_memory_mib",
    "server_memory_mib",
)
SCENARIOS: Final = 4
HISTORY: Final = 20
_REMEMBERED: Final = 0.5
_NOISES: Final = (0.01, 0.03, 0.05)
_REPEATS: Final = (1, 3, 5)
_RUNS: Final = (1, 4)
_SEED: Final = 20_261_123


async def measure(bench: Bench) -> list[Measured]:
    """Compare unchanged runs with each other, and count how many metrics are left in peace."""
    found = [
        finding.verdict
        for comparison in comparisons(bench.sizes.unchanged)
        for finding in comparison.findings
    ]
    quiet = 100 * sum(each in (Verdict.SAME, Verdict.UNKNOWN) for each in found) / len(found)
    return [Measured("compare-aa", quiet, quiet, unit="%")]


def comparisons(each: int, seed: int = _SEED) -> Iterator[Comparison]:
    """So many comparisons of every combination of noise, repeats and runs a side."""
    random = np.random.default_rng(seed)
    for kind in product(_NOISES, _REPEATS, _RUNS):
        for _ in range(each):
            questions = [
                _question(random, name, scenario, kind)
                for scenario in range(SCENARIOS)
                for name in METRICS
            ]
            yield compare(questions, Limits())


def _question(
    random: np.random.Generator, name: str, scenario: int, kind: tuple[float, int, int]
) -> Question:
    noise, repeats, runs = kind
    hours = wandering(random, HISTORY + 2 * runs, noise)
    figures = 100 * np.exp(hours[:, None] + random.normal(0, noise, (len(hours), repeats)))
    made = [_run(number, values) for number, values in enumerate(figures)]
    # A lies in the middle of the history, as a baseline does, and B at its end.
    middle = HISTORY // 2
    a, b = made[middle : middle + runs], made[len(made) - runs :]
    others = [run for run in made if run not in a and run not in b]
    return Question(
        name=name,
        place=Place(scenario=f"scenario-{scenario}", subjects=("multilevel", "multilevel")),
        a=Side(runs=tuple(a)),
        b=Side(runs=tuple(b)),
        around=Surroundings(history=[run.value for run in others]),
    )


def wandering(random: np.random.Generator, number: int, sigma: float) -> np.ndarray:
    """A stationary autoregressive process of the first order; shape (number,)."""
    shocks = random.normal(0, sigma * np.sqrt(1 - _REMEMBERED**2), number)
    found = np.empty(number)
    found[0] = random.normal(0, sigma)
    for place in range(1, number):
        found[place] = _REMEMBERED * found[place - 1] + shocks[place]
    return found


def _run(number: int, values: np.ndarray) -> RunFigures:
    by_repeat = {repeat: float(value) for repeat, value in enumerate(values)}
    return RunFigures(run_id=f"run-{number}", at_s=float(number), values=by_repeat)
