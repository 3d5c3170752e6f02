"""From what was seen of the machine to one figure for each second of a phase."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from workers.counters import Counters

Event = tuple[int, int]
"""When something happened, on `time.perf_counter_ns`, and how long it took in ns."""

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000


def readings_of(
    looks: Sequence[Counters], lags: Iterable[Event], pauses: Iterable[Event]
) -> tuple[tuple[str, int, float], ...]:
    """Name, second and value: each second's largest lag, sum of pauses, and what was counted in it.

    Where the loop stood still for longer than a second, the counters were not looked at in
    between; what they counted is then the first of these seconds'.

    Args:
        looks: The counters at the begin, just after each second's end, and at the end.
        lags: How late the loop was.
        pauses: Garbage collections.
    """
    began_ns = looks[0].at_ns
    found = [
        *_by_second("loop_lag_ms", lags, began_ns, max),
        *_by_second("gc_pause_ms", pauses, began_ns, sum),
        *_counted(looks),
    ]
    return tuple(sorted(found))


def _by_second(
    name: str, events: Iterable[Event], began_ns: int, merge: Callable[[Sequence[int]], int]
) -> Iterator[tuple[str, int, float]]:
    seconds: dict[int, list[int]] = defaultdict(list)
    for at_ns, length_ns in events:
        seconds[(at_ns - began_ns) // _NS_PER_S].append(length_ns)
    for second, lengths_ns in seconds.items():
        yield name, second, merge(lengths_ns) / _NS_PER_MS


def _counted(looks: Sequence[Counters]) -> Iterator[tuple[str, int, float]]:
    for before, after in pairwise(looks):
        second = (before.at_ns - looks[0].at_ns) // _NS_PER_S
        wall_ns = after.at_ns - before.at_ns
        switches = after.involuntary_switches - before.involuntary_switches
        yield "cpu_ratio", second, (after.cpu_s - before.cpu_s) * _NS_PER_S / wall_ns
        yield "memory_mib", second, after.memory_mib
        yield "involuntary_context_switches", second, float(switches)
