"""From a phase's arrays to intervals: one histogram a second, operation, tier and outcome."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Phase
from results.attempt_result import Interval
from results.histogram import Histogram
from workers.recorder import Code, Samples

NS_PER_S = 1_000_000_000


def intervals_of(
    phase: Phase, samples: Samples, codes: tuple[Code, ...], began_ns: int
) -> tuple[Interval, ...]:
    """Group a phase's operations by the second in which they were due, and by what they were.

    Where nothing is due, it is the second in which they were sent.

    Args:
        phase: The phase.
        samples: Its operations.
        codes: The code book's combinations by number.
        began_ns: When the phase began, on the samples' clock.
    """
    due_ns = samples.start_ns if samples.due_ns is None else samples.due_ns
    seconds = (due_ns - began_ns) // NS_PER_S
    groups = seconds * len(codes) + samples.code
    intended_ns = samples.intended_ns
    return tuple(
        Interval(
            phase=phase.name,
            warmup=phase.warmup,
            second=group // len(codes),
            operation=codes[group % len(codes)].operation,
            tier=codes[group % len(codes)].tier,
            outcome=codes[group % len(codes)].outcome,
            histogram=Histogram.of(intended_ns[members]),
            service=None if samples.due_ns is None else Histogram.of(samples.duration_ns[members]),
        )
        for group, members in _grouped(groups)
    )


def _grouped(groups: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    for start, members in zip(starts, np.split(order, starts[1:]), strict=False):
        yield int(ordered[start]), members
