"""The faults of the network between the cache and L2, from slow to cut off.

Each is seen through the proxy by a connection of its own, past the subject's clients and pools.
"""

from pipeline.fault import Fault
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.faults.l2_looks import (
    LONGEST_ECHO_BYTES,
    QUICK_S,
    CutLook,
    LateLook,
    Look,
    RefusedLook,
    ResetLook,
    SilentLook,
)
from workers.faults.network import NetworkFault
from workers.proxy import Conditions, Proxy, proxied_url

# The shares of a look in which a slow line's answer is expected.
_ECHO_S = 0.06


def latency(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_latency`: bytes are late."""
    conditions = Conditions(
        delay_s=plan.figure("delay_s"),
        jitter_s=plan.figure("jitter_s"),
        direction=plan.figure("direction"),
    )
    # With as much jitter as delay the least would be nothing, and any answer late.
    least_s = _ways(conditions) * max(
        conditions.delay_s - conditions.jitter_s, conditions.delay_s / 2
    )
    proxy, url = _reached_through(plan, ground)
    return _fault(plan, proxy, conditions, LateLook(url, least_s))


def bandwidth(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_bandwidth`: few bytes pass in a second."""
    rate = plan.figure("bytes_per_s")
    conditions = Conditions(bytes_per_s=rate, direction=plan.figure("direction"))
    proxy, url = _reached_through(plan, ground)
    echo_bytes = min(max(1, int(rate * _ECHO_S / _ways(conditions))), LONGEST_ECHO_BYTES)
    # What is faster than any echo of that size can't be seen.
    least_s = max(_ways(conditions) * echo_bytes / rate, QUICK_S)
    return _fault(plan, proxy, conditions, LateLook(url, least_s, echo_bytes))


def refused(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_refused`: nobody listens any more."""
    proxy, url = _reached_through(plan, ground)
    return _fault(plan, proxy, Conditions(refuse=True), RefusedLook(url))


def reset(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_reset`: whoever speaks is reset."""
    proxy, url = _reached_through(plan, ground)
    return _fault(plan, proxy, Conditions(reset=True), ResetLook(url))


def half_open(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_half_open`: connections are accepted, and that is all."""
    proxy, url = _reached_through(plan, ground)
    return _fault(plan, proxy, Conditions(half_open=True), SilentLook(url))


def one_way(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_one_way`: what goes one way arrives only afterwards."""
    proxy, url = _reached_through(plan, ground)
    conditions = Conditions(silent=True, direction=plan.figure("direction"))
    return _fault(plan, proxy, conditions, SilentLook(url))


def cut_reply(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_cut_reply`: a connection ends in the middle of an answer."""
    after_bytes = plan.figure("after_bytes")
    proxy, url = _reached_through(plan, ground)
    return _fault(plan, proxy, Conditions(cut_after_bytes=after_bytes), CutLook(url, after_bytes))


def slow_close(plan: Fault, ground: Ground) -> NetworkFault:
    """`l2_slow_close`: silence first, then the end."""
    proxy, url = _reached_through(plan, ground)
    conditions = Conditions(close_after_s=plan.figure("delay_s"))
    return _fault(plan, proxy, conditions, SilentLook(url, closes=True))


def _fault(plan: Fault, proxy: Proxy, conditions: Conditions, look: Look) -> NetworkFault:
    return NetworkFault(plan.kind, proxy, conditions, look)


def _reached_through(plan: Fault, ground: Ground) -> tuple[Proxy, str]:
    """The proxy in front of L2, and L2's URL through it."""
    if ground.l2 is None or ground.l2.proxy is None:
        raise FaultError(f"{plan.kind}: there is no proxy in front of L2")
    return ground.l2.proxy, proxied_url(ground.l2.url, ground.l2.proxy)


def _ways(conditions: Conditions) -> int:
    """How many times a question and its answer are disturbed."""
    return 2 if conditions.direction == "both" else 1
