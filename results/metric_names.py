"""Metrics by the names that people give them: whole, by their unique beginning, or as patterns."""

from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from results.errors import UnknownMetricError
from results.metrics import METRICS, Metric

_RESPONSE_TIME = "_response_time_ms"
_WILD = frozenset("*?[")


def resolve_metric(name: str) -> Metric:
    """The metric with this name, or the only one whose name begins so; of `p95` the response time.

    Raises:
        UnknownMetricError: There is none, or there are several; it knows the nearest names.
    """
    for whole in (name, f"{name}{_RESPONSE_TIME}"):
        if whole in METRICS:
            return METRICS[whole]
    begin_so = tuple(each for each in METRICS if name and each.startswith(name))
    if len(begin_so) == 1:
        return METRICS[begin_so[0]]
    if begin_so:
        several = ", ".join(begin_so)
        raise UnknownMetricError(f"several metrics begin with {name!r}: {several}", begin_so)
    nearest = tuple(get_close_matches(name, METRICS, n=3, cutoff=0.4))
    hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
    raise UnknownMetricError(f"no metric {name!r}{hint}", nearest)


def resolve_metrics(patterns: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics that any of these names or patterns (with `*` and `?`) means, each once.

    Raises:
        UnknownMetricError: One means none, or a name without a wildcard means several.
    """
    found: dict[str, Metric] = {}
    for pattern in patterns:
        for metric in _matching(pattern):
            found[metric.name] = metric
    return tuple(metric for name, metric in METRICS.items() if name in found)


def _matching(pattern: str) -> tuple[Metric, ...]:
    if not _WILD.intersection(pattern):
        return (resolve_metric(pattern),)
    matching = tuple(metric for name, metric in METRICS.items() if fnmatchcase(name, pattern))
    if not matching:
        raise UnknownMetricError(
            f"no metric is like {pattern!r}; docs/reference/metrics.md lists all"
        )
    return matching
