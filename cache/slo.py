"""Compares a cache's figures with the service levels that its settings state."""

from collections.abc import Iterator
from typing import Any, Final

from cache.parts import Parts
from cache.performance import error_rate

ENOUGH_READS: Final = 100
"""Reads without which a hit rate says nothing: every cache begins with misses."""

_TIERS: Final = ("l1", "l2", "l3")
_SEVERITIES: Final = {
    "error_rate": "critical",
    "hit_rate": "warning",
    "p95_response_time_s": "warning",
}


def alerts(parts: Parts) -> dict[str, Any]:
    """Return what is wrong, and each service level with what it is since the cache was entered.

    Returns:
        ``alerts``, each with name, severity, value and threshold; ``slo_compliant``, whether
        there is none; and ``slos``, each with name, target, actual and whether it is met, both
        None while there is nothing to judge.
    """
    levels = service_levels(parts.now())
    broken = [
        _alert(level["name"], _SEVERITIES[level["name"]], level["actual"], level["target"])
        for level in levels
        if level["met"] is False
    ]
    raised = [*broken, *_outages(parts)]
    return {"alerts": raised, "slo_compliant": not raised, "slos": levels}


def service_levels(parts: Parts) -> list[dict[str, Any]]:
    """Return error rate, hit rate and the slowest tier's 95th percentile beside their targets."""
    config, stats = parts.config, parts.stats
    rate = error_rate(parts)
    judged_rate = rate["overall_error_rate"] if rate["total_operations"] else None
    hit_rate = stats.overall_hit_rate if stats.reads >= ENOUGH_READS else None
    p95_s = _slowest_p95_s(parts)
    return [
        _at_most("error_rate", config.slo_error_rate, judged_rate),
        _at_least("hit_rate", config.slo_hit_rate, hit_rate),
        _at_most("p95_response_time_s", config.slo_p95_s, p95_s),
    ]


def _slowest_p95_s(parts: Parts) -> float | None:
    """Leave out the origin: how long a load takes is not the cache's doing."""
    timed = (parts.stats.read_times[level] for level in _TIERS)
    return max((times.quantile_s(0.95) for times in timed if times.count), default=None)


def _outages(parts: Parts) -> Iterator[dict[str, Any]]:
    for gate in parts.gates:
        if gate.is_enabled and not gate.serves:
            yield _alert(f"{gate.name}_unavailable", "critical", 1.0, 0.0)
    if parts.coherence.is_enabled and not parts.coherence.is_up:
        yield _alert("coherence_lost", "warning", 1.0, 0.0)


def _at_most(name: str, target: float, actual: float | None) -> dict[str, Any]:
    met = None if actual is None else actual <= target
    return {"name": name, "target": target, "actual": actual, "met": met}


def _at_least(name: str, target: float, actual: float | None) -> dict[str, Any]:
    met = None if actual is None else actual >= target
    return {"name": name, "target": target, "actual": actual, "met": met}


def _alert(name: str, severity: str, value: float, threshold: float) -> dict[str, Any]:
    return {"name": name, "severity": severity, "value": value, "threshold": threshold}
