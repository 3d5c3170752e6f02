"""Turns what the parts of a cache know of themselves into a status with reasons."""

from typing import Any, Final

from cache.coherence import Coherence
from cache.parts import AnyGate, Parts

HEALTHY: Final = "healthy"
DEGRADED: Final = "degraded"
UNHEALTHY: Final = "unhealthy"

_OFF: Final = "turned off in the settings"


def health(parts: Parts) -> dict[str, Any]:
    """Return the health of each component and of the whole."""
    components = {
        "l1": _component(HEALTHY),
        "l2": tier_health(parts.l2),
        "l3": tier_health(parts.l3),
        "warming": warming_health(parts),
        "coherence": coherence_health(parts.coherence, parts.config.max_staleness_s),
    }
    return {"status": overall_health(components), "components": components}


def tier_health(gate: AnyGate) -> dict[str, Any]:
    """Return status and reasons of a tier below memory."""
    if not gate.is_enabled:
        return _component(HEALTHY, _OFF, enabled=False)
    if gate.is_closed:
        return _component(UNHEALTHY, "closed")
    if not gate.serves:
        return _component(UNHEALTHY, gate.breaker.reason or "being repaired after an outage")
    if gate.breaker.failures_in_a_row:
        return _component(DEGRADED, gate.breaker.reason)
    return _component(HEALTHY)


def warming_health(parts: Parts) -> dict[str, Any]:
    """Return whether the background cycle goes on, where it should."""
    if not parts.config.enable_warming:
        return _component(HEALTHY, enabled=False)
    return _component(HEALTHY) if parts.warmer.is_running else _component(DEGRADED, "stopped")


def coherence_health(coherence: Coherence, max_staleness_s: float) -> dict[str, Any]:
    """Return whether others' writes are heard of, and what holds while they are not."""
    if not coherence.is_enabled:
        return _component(HEALTHY, "no channel: L1 waits for its TTL", enabled=False)
    if coherence.is_up:
        return _component(HEALTHY)
    bound = f"L1 serves what others may have written for {max_staleness_s:g} s at most"
    return _component(DEGRADED, coherence.reason or "not connected", bound)


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


def _component(status: str, *reasons: str, enabled: bool = True) -> dict[str, Any]:
    return {"status": status, "enabled": enabled, "reasons": list(reasons)}
