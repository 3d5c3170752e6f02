"""Turns what the gates and counters know into health, metrics and alerts."""

from typing import Any, Final

from cache.gate import Gate
from cache.null import NullGate
from cache.stats import CacheStats
from cache.tiers import Tiers
from cache.warming import Warmer

HEALTHY: Final = "healthy"
DEGRADED: Final = "degraded"
UNHEALTHY: Final = "unhealthy"

MAX_ERROR_RATE: Final = 0.01
MIN_HIT_RATE: Final = 0.7
MAX_P95_S: Final = 0.05
_ENOUGH_READS: Final = 100


def tier_health(gate: Gate | NullGate) -> dict[str, Any]:
    """Return status and reasons of a tier below memory."""
    if not gate.is_enabled:
        return {"status": HEALTHY, "enabled": False, "reasons": ["turned off in the settings"]}
    if gate.is_closed:
        return {"status": UNHEALTHY, "enabled": True, "reasons": ["closed"]}
    if not gate.serves:
        return {
            "status": UNHEALTHY,
            "enabled": True,
            "reasons": [gate.breaker.reason or "being repaired after an outage"],
        }
    if gate.breaker.failures_in_a_row:
        return {"status": DEGRADED, "enabled": True, "reasons": [gate.breaker.reason]}
    return {"status": HEALTHY, "enabled": True, "reasons": []}


def overall_health(components: dict[str, dict[str, Any]]) -> str:
    """Return unhealthy when no tier below memory is left of those there should be.

    Memory and the loaders still serve then, but nothing is shared and nothing survives.
    """
    lower = [components[name] for name in ("l2", "l3") if components[name]["enabled"]]
    if lower and all(component["status"] == UNHEALTHY for component in lower):
        return UNHEALTHY
    if all(component["status"] == HEALTHY for component in components.values()):
        return HEALTHY
    return DEGRADED


def health(tiers: Tiers, warmer: Warmer, *, wants_warming: bool) -> dict[str, Any]:
    """Return the health of each component and of the whole."""
    stopped = wants_warming and not warmer.is_running
    components: dict[str, dict[str, Any]] = {
        "l1": {"status": HEALTHY, "enabled": True, "reasons": []},
        "l2": tier_health(tiers.l2),
        "l3": tier_health(tiers.l3),
        "warming": {
            "status": DEGRADED if stopped else HEALTHY,
            "enabled": wants_warming,
            "reasons": ["stopped"] if stopped else [],
        },
    }
    return {"status": overall_health(components), "components": components}


def error_rate(tiers: Tiers) -> dict[str, Any]:
    """Return failed calls of each tier and their share of all operations."""
    failures = {"l2": tiers.l2.counts.failures, "l3": tiers.l3.counts.failures}
    total = sum(failures.values()) + tiers.stats.load_failures
    operations = tiers.stats.operations
    return {
        "overall_error_rate": min(1.0, total / operations) if operations else 0.0,
        "total_errors": total,
        "total_operations": operations,
        "errors_by_tier": failures,
        "load_failures": tiers.stats.load_failures,
    }


def performance(tiers: Tiers, warmer: Warmer) -> dict[str, Any]:
    """Return the full statistics."""
    stats = tiers.stats
    return {
        "l1_cache": {
            **stats.tier("l1"),
            "size": len(tiers.l1),
            "max_size": tiers.l1.max_size,
            "evictions": tiers.l1.evictions,
        },
        "l2_cache": _lower_tier(stats, tiers.l2),
        "l3_cache": _lower_tier(stats, tiers.l3),
        "overall_hit_rate": stats.overall_hit_rate,
        "total_requests": stats.reads,
        "origin_loads": stats.answers["origin"],
        "unencodable_values": stats.unencodable,
        "performance_metrics": {
            "response_times": stats.response_times(),
            "error_rate": error_rate(tiers),
        },
        "warming": {
            "running": warmer.is_running,
            "cycles": warmer.counts.cycles,
            "keys_warmed": warmer.counts.keys_warmed,
            "keys_not_found": warmer.counts.keys_not_found,
        },
    }


def metrics(tiers: Tiers, warmer: Warmer) -> dict[str, float]:
    """Return flat names and numbers for a monitoring system."""
    figures: dict[str, float] = {
        "cache_reads_total": tiers.stats.reads,
        "cache_writes_total": tiers.stats.writes,
        "cache_deletes_total": tiers.stats.deletes,
        "cache_overall_hit_rate": tiers.stats.overall_hit_rate,
        "cache_error_rate": error_rate(tiers)["overall_error_rate"],
        "cache_l1_entries": len(tiers.l1),
        "cache_l1_evictions_total": tiers.l1.evictions,
        "cache_keys_warmed_total": warmer.counts.keys_warmed,
    }
    for level in ("l1", "l2", "l3"):
        hits, misses = tiers.stats.hits_and_misses(level)
        figures[f"cache_{level}_hits_total"] = hits
        figures[f"cache_{level}_misses_total"] = misses
        times = tiers.stats.read_times[level]
        figures[f"cache_{level}_p95_seconds"] = times.quantile_s(0.95)
    for gate in (tiers.l2, tiers.l3):
        figures[f"cache_{gate.name}_serves"] = float(gate.serves)
        figures[f"cache_{gate.name}_failures_total"] = gate.counts.failures
        figures[f"cache_{gate.name}_breaker_opened_total"] = gate.breaker.times_opened
    return figures


def alerts(tiers: Tiers) -> dict[str, Any]:
    """Compare the figures with the service levels that the cache is meant to keep."""
    rate = error_rate(tiers)["overall_error_rate"]
    hit_rate = tiers.stats.overall_hit_rate
    slowest_s = max(histogram.quantile_s(0.95) for histogram in tiers.stats.read_times.values())
    raised = []
    if rate > MAX_ERROR_RATE:
        raised.append(_alert("error_rate", "critical", rate, MAX_ERROR_RATE))
    if tiers.stats.reads >= _ENOUGH_READS and hit_rate < MIN_HIT_RATE:
        raised.append(_alert("hit_rate", "warning", hit_rate, MIN_HIT_RATE))
    if slowest_s > MAX_P95_S:
        raised.append(_alert("p95_response_time_s", "warning", slowest_s, MAX_P95_S))
    raised.extend(
        _alert(f"{gate.name}_unavailable", "critical", 1.0, 0.0)
        for gate in (tiers.l2, tiers.l3)
        if gate.is_enabled and not gate.serves
    )
    return {"alerts": raised, "slo_compliant": not raised}


def _alert(name: str, severity: str, value: float, threshold: float) -> dict[str, Any]:
    return {"name": name, "severity": severity, "value": value, "threshold": threshold}


def _lower_tier(stats: CacheStats, gate: Gate | NullGate) -> dict[str, Any]:
    if not gate.is_enabled:
        return {"enabled": False, "hits": 0, "misses": 0, "hit_rate": 0.0}
    return {
        **stats.tier(gate.name),
        "enabled": True,
        "failures": gate.counts.failures,
        "skipped": gate.counts.skipped,
        "undecodable": gate.undecodable,
        "missed_keys": gate.missed_keys,
        "repaired_keys": gate.repairs.repaired_keys,
        "breaker": gate.breaker.state.value,
    }
