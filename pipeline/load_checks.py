"""What must hold within a load, beyond what the type of each key says."""

from collections.abc import Iterator
from functools import singledispatch

from pipeline.load import ClosedLoad, Load, OpenLoad, SearchLoad, TraceLoad, Work

_RISING = ("stepped", "ramped", "bursty")


@singledispatch
def problems(load: Load, where: str) -> Iterator[str]:
    """One line for each thing that is wrong, `KEY.PATH: ...`.

    Args:
        load: What is done in a phase.
        where: The keys that lead to it.
    """
    raise TypeError(f"no checks for {load!r} at {where}")


@problems.register
def _(load: ClosedLoad, where: str) -> Iterator[str]:
    if (load.operations is None) == (load.duration_s is None):
        yield f"{where}: expected exactly one of operations and duration_s"
    yield from _work(load, where)


@problems.register
def _(load: OpenLoad, where: str) -> Iterator[str]:
    if load.to_rate is None and load.arrivals in _RISING:
        yield f"{where}.to_rate: missing, {load.arrivals} arrivals need it"
    if load.to_rate is not None and load.arrivals not in _RISING:
        yield f"{where}.to_rate: means nothing to {load.arrivals} arrivals; leave it out"
    if load.arrivals == "bursty" and load.burst_s >= load.burst_every_s:
        yield (
            f"{where}.burst_s: expected less than burst_every_s, which is {load.burst_every_s:g} s"
        )
    elif (expected := mean_rate(load) * load.duration_s) < 1:
        yield f"{where}: expected at least one operation, got {expected:g} in the whole phase"
    yield from _work(load, where)


@problems.register
def _(load: SearchLoad, where: str) -> Iterator[str]:
    if load.from_rate > load.to_rate:
        yield (
            f"{where}.from_rate: expected at most to_rate, which is {load.to_rate:g}/s, "
            f"got {load.from_rate:g}/s"
        )
    yield from _work(load, where)


@problems.register
def _(load: TraceLoad, where: str) -> Iterator[str]:
    if load.key_scale > 1 and load.key_scale != int(load.key_scale):
        yield f"{where}.key_scale: expected a whole number above 1, got {load.key_scale:g}"
    if load.rate_scale != 1 and not load.timed:
        yield f"{where}.rate_scale: needs timed = true; else it goes as fast as possible"


def mean_rate(load: OpenLoad) -> float:
    """Operations that an open load has due in a second, over its whole length."""
    to_rate = load.rate if load.to_rate is None else load.to_rate
    if load.arrivals == "bursty":
        burst = load.burst_s / load.burst_every_s
        return load.rate * (1 - burst) + to_rate * burst
    return (load.rate + to_rate) / 2


def _work(work: Work, where: str) -> Iterator[str]:
    if not work.mix:
        yield f"{where}.mix: expected at least one operation"
