"""L2's own view of a phase: what its server counted meanwhile, by `INFO` before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis

from workers.l2_client import l2_client

_MIB = 1 << 20
_OWN_COMMANDS = 1

# Counters of the server by metric, with how many of the server's make one of the metric's unit.
_COUNTERS = {
    "server_commands": ("total_commands_processed", 1),
    "server_hits": ("keyspace_hits", 1),
    "server_misses": ("keyspace_misses", 1),
    "server_evictions": ("evicted_keys", 1),
    "server_expirations": ("expired_keys", 1),
    "server_network_in_mib": ("total_net_input_bytes", _MIB),
    "server_network_out_mib": ("total_net_output_bytes", _MIB),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSnapshot:
    """What a server said of itself once.

    Args:
        run_id: Another one each time that the server is started.
        counters: What it has counted since it was started, by metric.
        memory_mib: What it uses; None where it does not say.
    """

    run_id: str
    counters: Mapping[str, float]
    memory_mib: float | None


def snapshot(url: str) -> ServerSnapshot | None:
    """Ask an L2 server what it has counted.

    Args:
        url: A Redis or Valkey URL.

    Returns:
        None where it does not answer, such as one that a fault has killed, or may not say.
    """
    try:
        with l2_client(url) as client:
            return _said(client.info())
    except redis.RedisError:
        return None


def difference(before: ServerSnapshot | None, after: ServerSnapshot | None) -> dict[str, float]:
    """What the server counted between two looks, by metric.

    Args:
        before: The earlier look; None where it did not answer.
        after: The later one.

    Returns:
        Without the look itself. Nothing where the server did not answer, was started again or had
        its counters reset in between.
    """
    if before is None or after is None or before.run_id != after.run_id:
        return {}
    counted = {
        metric: after.counters[metric] - count
        for metric, count in before.counters.items()
        if metric in after.counters
    }
    if "server_commands" in counted:
        counted["server_commands"] -= _OWN_COMMANDS
    if any(count < 0 for count in counted.values()):
        return {}
    memory = {} if after.memory_mib is None else {"server_memory_mib": after.memory_mib}
    return counted | memory


def _said(info: Mapping[str, Any]) -> ServerSnapshot:
    memory_bytes = info.get("used_memory")
    return ServerSnapshot(
        run_id=str(info.get("run_id")),
        counters={
            metric: info[name] / size for metric, (name, size) in _COUNTERS.items() if name in info
        },
        memory_mib=None if memory_bytes is None else memory_bytes / _MIB,
    )
