"""From a phase's arrays to intervals: one histogram a second, operation, tier and outcome."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Phase
from results.histogram import Histogram
from results.records import Interval
from workers.recorder import Code, Samples

NS_PER_S = 1_000_000_000


def intervals_of(
    phase: Phase, samples: Samples, codes: tuple[Code, ...], began_ns: int
) -> tuple[Interval, ...]:
    """Group a phase's operations by the second in which they were sent, and by what they were.

    Args:
        phase: The phase.
        samples: Its operations.
        codes: The code book's combinations by number.
        began_ns: When the phase began, on the samples' clock.
    """
    seconds = (samples.start_ns - began_ns) // NS_PER_S
    groups = seconds * len(codes) + samples.code
    return tuple(
        Interval(
            phase=phase.name,
            warmup=phase.warmup,
            second=group // len(codes),
            operation=codes[group % len(codes)].operation,
            tier=codes[group % len(codes)].tier,
            outcome=codes[group % len(codes)].outcome,
            histogram=Histogram.of(durations),
        )
        for group, durations in _grouped(groups, samples.duration_ns)
    )


def _grouped(
    groups: NDArray[np.int64], durations_ns: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    for start, part in zip(starts, np.split(durations_ns[order], starts[1:]), strict=False):
        yield int(ordered[start]), part
