"""What this machine can tell apart: the smallest change that an A/A run shows it to see.

The repeats of the scenario `noise` all do the same. Even ones are called A and odd ones B; how
far their ratios scatter is what a comparison of two that really differ would have to stand out of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import stdev

from sqlalchemy import Connection

from results import student
from results.metrics import METRICS
from results.series import Selection, series_in
from results.storage import runs, summaries
from results.store import Store

SCENARIO = "noise"
METRICS_OF_NOISE = (
    "throughput_ops_per_second",
    "p50_response_time_ms",
    "p95_response_time_ms",
    "p99_response_time_ms",
)
_CONFIDENCE = 0.95
_POWER = 0.8
_FEWEST_PAIRS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFigure:
    """The smallest change of one metric that so many pairs of repeats would have shown.

    `smallest_change_percent` is for 95 % confidence and 80 % power.
    """

    metric: str
    unit: str
    pairs: int
    smallest_change_percent: float


def smallest_change(log_ratios: Sequence[float], pairs: int | None = None) -> float:
    """The smallest change that a paired comparison detects, at 95 % confidence and 80 % power.

    `(t(0.975) + t(0.8)) * s / sqrt(pairs)`, where s is the standard deviation of the A/A pairs'
    log ratios and t has its degrees of freedom (NIST/SEMATECH e-Handbook of Statistical Methods,
    7.2.2.2, solved for the change).

    Args:
        log_ratios: Natural logarithms of B / A of each pair of an A/A run; two or more.
        pairs: Pairs of the comparison; as many as those of the A/A run where None.

    Returns:
        A share: 0.05 is a change of 5 %.

    Raises:
        ValueError: There are fewer than two log ratios.
    """
    if len(log_ratios) < _FEWEST_PAIRS:
        raise ValueError(f"{len(log_ratios)} pairs do not scatter; two or more do")
    degrees = len(log_ratios) - 1
    times = student.quantile((1 + _CONFIDENCE) / 2, degrees) + student.quantile(_POWER, degrees)
    return math.expm1(times * stdev(log_ratios) / math.sqrt(pairs or len(log_ratios)))


def log_ratios(by_repeat: Mapping[int, float]) -> list[float]:
    """The log ratios of an A/A run's pairs: an even repeat is A, the odd one after it is B."""
    return [
        math.log(by_repeat[repeat + 1] / value)
        for repeat, value in sorted(by_repeat.items())
        if repeat % 2 == 0 and value > 0 and by_repeat.get(repeat + 1, 0) > 0
    ]


def noise_of(store: Store, run_id: str) -> list[NoiseFigure]:
    """What an A/A run says of the machine; nothing where it has fewer than two pairs of repeats.

    Args:
        store: The results database.
        run_id: The id, or its unique beginning, of an aggregated run of the scenario `noise`.

    Raises:
        UnknownRunError: There is no such run.
        StoreUnavailableError: The database failed.
    """
    with store.database.read() as connection:
        found = summaries.load(connection, runs.find(connection, run_id).run.run_id)
    of_noise = [each for each in found if each.scenario == SCENARIO]
    repeats = {
        each.repeat: each.metrics.get(None, {})
        for each in of_noise
        if each.repeat is not None and each.subject == of_noise[0].subject
    }
    seen = {metric: log_ratios(_of(metric, repeats)) for metric in METRICS_OF_NOISE}
    return [
        NoiseFigure(
            metric=metric,
            unit=METRICS[metric].unit,
            pairs=len(ratios),
            smallest_change_percent=100 * smallest_change(ratios),
        )
        for metric, ratios in seen.items()
        if len(ratios) >= _FEWEST_PAIRS
    ]


def noise_of_machine(
    connection: Connection, environment_class: str | None, pairs: int
) -> dict[str, float]:
    """The smallest changes that the newest A/A run on this class of machine would show, by metric.

    Args:
        connection: A reading transaction.
        environment_class: The class of machine; nothing is known of None.
        pairs: Pairs of repeats of the comparison at hand.
    """
    found = log_ratios_of_machine(connection, environment_class)
    return {metric: smallest_change(ratios, pairs) for metric, ratios in found.items()}


def log_ratios_of_machine(
    connection: Connection, environment_class: str | None
) -> dict[str, list[float]]:
    """The log ratios of the pairs of the newest A/A run on this class of machine, by metric.

    Args:
        connection: A reading transaction.
        environment_class: The class of machine; nothing is known of None.

    Returns:
        Only metrics of two pairs or more.
    """
    found = {
        metric: log_ratios(_newest(connection, metric, environment_class))
        for metric in METRICS_OF_NOISE
    }
    return {metric: ratios for metric, ratios in found.items() if len(ratios) >= _FEWEST_PAIRS}


def _of(metric: str, repeats: Mapping[int, Mapping[str, float]]) -> dict[int, float]:
    return {repeat: figures[metric] for repeat, figures in repeats.items() if metric in figures}


def _newest(connection: Connection, metric: str, environment_class: str | None) -> dict[int, float]:
    points = [
        (point.created_at_s, point.run_id, each.key.subject, point)
        for each in series_in(connection, Selection(metrics=(metric,), scenario=SCENARIO))
        if each.key.environment_class == environment_class
        for point in each.counted
    ]
    if not points:
        return {}
    *_, newest = max(points)
    return dict(zip(newest.repeats, newest.values, strict=True))
