"""Loads, and the keys that they ask for, as people write them."""

from functools import singledispatch

from pipeline.load import (
    ClosedLoad,
    KeyChoice,
    Load,
    OpenLoad,
    SearchLoad,
    TraceLoad,
    Work,
)

_MS_PER_S = 1_000


@singledispatch
def of_load(load: Load) -> str:
    """A load in one sentence: `open, poisson, 1,000/s for 10 s, 64 in flight: get 9, set 1`."""
    raise TypeError(f"no words for {load!r}")


@singledispatch
def in_short(load: Load) -> str:
    """A load in few words: `open, 1,000/s`."""
    raise TypeError(f"no words for {load!r}")


def of_keys(load: Load) -> str:
    """Which keys a load asks for: `zipf 0.99, scrambled`."""
    if isinstance(load, TraceLoad):
        return "as recorded" if load.key_scale == 1 else f"as recorded, x {load.key_scale:g}"
    keys = load.keys
    return ", ".join([f"{keys.distribution}{_shape(keys)}", *_details(keys)])


@of_load.register
def _(load: ClosedLoad) -> str:
    each = "operation" if load.operations == 1 else "operations"
    if load.operations is not None:
        much = f"{load.operations:,} {each}" + (" each" if load.users > 1 else "")
    else:
        much = f"{load.duration_s:g} s"
    think = [f"think {_time(load.think_time_s)}"] if load.think_time_s else []
    return _with_work(", ".join(["closed", _users(load.users), much, *think]), load)


@of_load.register
def _(load: OpenLoad) -> str:
    return _with_work(
        f"open, {load.arrivals}, {_rates(load)} for {load.duration_s:g} s, "
        f"{load.max_in_flight:,} in flight",
        load,
    )


@of_load.register
def _(load: SearchLoad) -> str:
    return _with_work(
        f"search, the highest rate with p99 below {load.p99_below_ms:g} ms, from "
        f"{load.from_rate:,.10g}/s up to {load.to_rate:,.10g}/s, trials of {load.trial_s:g} s",
        load,
    )


@of_load.register
def _(load: TraceLoad) -> str:
    much = "" if load.requests is None else f"{load.requests:,} requests of "
    trace = load.trace or f"a synthetic trace of {load.distinct_keys:,} keys"
    if not load.timed:
        return f"trace, 1 user replays {much}{trace}"
    speed = "as recorded" if load.rate_scale == 1 else f"{load.rate_scale:g} times as fast"
    return f"trace, {speed}, {load.max_in_flight:,} in flight: {much}{trace}"


@in_short.register
def _(load: ClosedLoad) -> str:
    return f"closed, {_users(load.users)}"


@in_short.register
def _(load: OpenLoad) -> str:
    to_rate = "" if load.to_rate is None else f" to {load.to_rate:,.10g}"
    return f"open, {load.rate:,.10g}{to_rate}/s"


@in_short.register
def _(load: SearchLoad) -> str:
    return f"search, p99 < {load.p99_below_ms:g} ms"


@in_short.register
def _(load: TraceLoad) -> str:
    return "trace, timed" if load.timed else "trace"


def _with_work(head: str, work: Work) -> str:
    mix = ", ".join(f"{name} {weight:g}" for name, weight in work.mix.items())
    batch = f", {work.batch} keys a batch" if _has_batches(work) else ""
    origin = f", origin {_time(work.loader_time_s)}" if work.loader_time_s else ""
    return f"{head}: {mix}{batch}{origin if work.loader else ', no origin'}"


def _has_batches(work: Work) -> bool:
    return any(name == "scan" or name.endswith("_many") for name in work.mix)


def _rates(load: OpenLoad) -> str:
    rate, to_rate = f"{load.rate:,.10g}", f"{load.to_rate or 0:,.10g}"
    if load.arrivals == "stepped":
        return f"{rate} to {to_rate}/s in {load.steps} steps"
    if load.arrivals == "ramped":
        return f"{rate} to {to_rate}/s"
    if load.arrivals == "bursty":
        burst = f"{_time(load.burst_s)} of every {_time(load.burst_every_s)}"
        return f"{rate}/s and {to_rate}/s for {burst}"
    return f"{rate}/s"


def _users(users: int) -> str:
    return "1 user" if users == 1 else f"{users:,} users"


def _time(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * _MS_PER_S:g} ms"


def _shape(keys: KeyChoice) -> str:
    return f" {keys.exponent:g}" if keys.distribution in ("zipf", "latest") else ""


def _details(keys: KeyChoice) -> list[str]:
    details = []
    if keys.distribution == "zipf" and keys.scrambled:
        details.append("scrambled")
    if keys.distribution in ("hotspot", "moving_hotspot", "exponential"):
        details.append(f"{keys.hot_operations:.0%} to {keys.hot_keys:.0%} of the keys")
    if keys.distribution == "moving_hotspot":
        details.append(f"moves every {keys.move_every:,}")
    return details
