"""What our own cache promises with its settings, as `docs/explanation/cache` says it."""

from cache.config import CacheConfig

# What a call takes beside waiting for tiers that hang.
_BESIDE_S = 0.25
# A tier is connected anew, and what it missed is removed from it, within so many tries.
_TRIES = 8


def promises_of(config: CacheConfig) -> dict[str, float]:
    """Bounds by metric; what depends on others is not among them.

    They hold beside what the loader takes: where that is slow, a scenario states its own bound.

    Args:
        config: Of the cache.
    """
    promised = {
        "error_rate": 0.0,
        "fault_availability": 1.0,
        "max_response_time_ms": 1_000 * (_longest_wait_s(config) + _BESIDE_S),
    }
    staleness_s = _staleness_s(config)
    if staleness_s is not None:
        promised["max_staleness_ms"] = 1_000 * staleness_s
    # What is written while the one of them is away, the other has.
    if config.enable_l2 and config.enable_l3 and config.l3_write == "through":
        promised["lost_writes"] = 0.0
    if config.enable_l2 or config.enable_l3:
        promised["time_to_detect_s"] = _detection_s(config)
        promised["time_to_recover_s"] = _TRIES * config.health_interval_s
    return promised


def _longest_wait_s(config: CacheConfig) -> float:
    """A call waits for each tier that hangs once."""
    l2_s = config.l2_timeout_s if config.enable_l2 else 0.0
    l3_s = config.l3_timeout_s if config.enable_l3 else 0.0
    return l2_s + l3_s


def _detection_s(config: CacheConfig) -> float:
    """The next sign of life is asked for, and does not come in time."""
    return config.health_interval_s + _longest_wait_s(config) + _BESIDE_S


def _staleness_s(config: CacheConfig) -> float | None:
    """How old what L1 or L2 shows of others' writes may be; None is without end.

    Without L3 a writer that dies can't tell L2 what it missed; without L2 nobody tells L1.
    """
    if not config.enable_l2:
        return config.l1_default_ttl
    told_s = config.max_staleness_s if config.coherence == "tracking" else config.l1_default_ttl
    missed_s = config.max_staleness_s if config.enable_l3 else config.l2_default_ttl
    return None if told_s is None or missed_s is None else max(told_s, missed_s)
