"""The full statistics of a cache, nested for people to read."""

from typing import Any

from cache.parts import AnyGate, Parts
from cache.stats import CacheStats


def performance(parts: Parts) -> dict[str, Any]:
    """Return counts, rates and times (seconds) since the cache was entered."""
    parts = parts.now()
    stats = parts.stats
    return {
        "l1_cache": _memory(parts),
        "l2_cache": _lower_tier(stats, parts.l2),
        "l3_cache": _lower_tier(stats, parts.l3),
        "overall_hit_rate": stats.overall_hit_rate,
        "total_requests": stats.reads,
        "requests_by_level": {"l1": stats.l1_hits, **stats.answers},
        "origin_loads": stats.loads,
        "unencodable_values": stats.unencodable,
        "oversized_values": stats.oversized,
        "performance_metrics": {
            "response_times": stats.response_times(),
            "error_rate": error_rate(parts),
        },
        "loads": _loads(stats),
        "coherence": _coherence(parts),
        "warming": _warming(parts),
    }


def error_rate(parts: Parts) -> dict[str, Any]:
    """Return failed calls of each tier and failed reads, and their share of all operations."""
    stats = parts.stats
    failures = {gate.name: gate.counts.failures for gate in parts.gates}
    total = sum(failures.values()) + stats.failed_reads
    operations = stats.operations
    return {
        "overall_error_rate": min(1.0, total / operations) if operations else 0.0,
        "total_errors": total,
        "total_operations": operations,
        "errors_by_tier": failures,
        "failed_reads": stats.failed_reads,
        "load_failures": stats.load_failures,
    }


def _memory(parts: Parts) -> dict[str, Any]:
    return {
        **parts.stats.tier("l1"),
        "size": len(parts.l1),
        "max_size": parts.l1.max_size,
        "size_bytes": parts.l1.size_bytes,
        "max_bytes": parts.l1.max_bytes,
        "evictions": parts.l1.evictions,
        "bypassed": parts.l1.bypassed,
    }


def _lower_tier(stats: CacheStats, gate: AnyGate) -> dict[str, Any]:
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
        **({"write_behind": dict(gate.delayed)} if gate.delayed else {}),
    }


def _loads(stats: CacheStats) -> dict[str, int]:
    return {
        "started": stats.loads,
        "failed": stats.load_failures,
        "early_refreshes": stats.early_refreshes,
        "background_refreshes": stats.background_refreshes,
        "stale_served": stats.stale_served,
        "soft_timeouts": stats.soft_timeouts,
        "hard_timeouts": stats.hard_timeouts,
        "leases_waited": stats.leases_waited,
        "fills_refused": stats.fills_refused,
    }


def _coherence(parts: Parts) -> dict[str, Any]:
    return {
        "enabled": parts.coherence.is_enabled,
        "up": parts.coherence.is_up,
        "invalidations_received": parts.stats.invalidations_received,
        "keys_invalidated": parts.stats.keys_invalidated,
        "tags_invalidated": parts.stats.tags_invalidated,
    }


def _warming(parts: Parts) -> dict[str, Any]:
    counts = parts.warmer.counts
    return {
        "running": parts.warmer.is_running,
        "cycles": counts.cycles,
        "keys_warmed": counts.keys_warmed,
        "keys_not_found": counts.keys_not_found,
        "hits_gained": parts.warmer.hits_gained,
        "loads_spent": counts.loads_spent,
        "loads_denied": counts.loads_denied,
    }
