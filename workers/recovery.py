"""When an attempt was within its objective again after a fault: the first good seconds in a row."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Slo
from workers.operations import Operations
from workers.recorder import Code

NS_PER_S = 1_000_000_000
_STEP_NS = 100_000_000


class Recovery:
    """Finds the first seconds in a row of which each is within the objective.

    A second is within it where operations began in it, no more than the allowed share of them
    failed, and their 99th percentile, failures included, is not above the bound.

    Args:
        operations: All measured operations.
        codes: The code book's combinations by number.
        slo: The objective.
        p99_ms: Most that a second's 99th percentile may be; None: no bound.
    """

    def __init__(
        self, operations: Operations, codes: Sequence[Code], slo: Slo, p99_ms: float | None
    ) -> None:
        limit_ns = math.inf if p99_ms is None else p99_ms * 1e6
        self._began_ns = operations.began_ns
        self._failed = _counted(operations.failed(codes))
        self._slow = _counted(operations.time_ns > limit_ns)
        self._slo = slo

    def after_ns(self, cleared_ns: int, end_ns: int) -> int | None:
        """From a moment to the first of the good seconds, in ns; None where none were seen.

        Args:
            cleared_ns: When the fault had ended, on the operations' clock.
            end_ns: When the load ended; the good seconds lie before it.
        """
        last_ns = end_ns - self._slo.seconds * NS_PER_S
        begins_ns = np.arange(cleared_ns, last_ns + 1, _STEP_NS, dtype=np.int64)
        good = np.ones(len(begins_ns), dtype=np.bool_)
        for second in range(self._slo.seconds):
            good &= self._within(begins_ns + second * NS_PER_S)
        place = np.flatnonzero(good)
        return int(place[0]) * _STEP_NS if len(place) else None

    def watched_s(self, cleared_ns: int, end_ns: int) -> float:
        """How long after a moment a recovery could have begun and been seen."""
        return max((end_ns - cleared_ns) / NS_PER_S - self._slo.seconds, 0.0)

    def _within(self, begins_ns: NDArray[np.int64]) -> NDArray[np.bool_]:
        first = np.searchsorted(self._began_ns, begins_ns)
        last = np.searchsorted(self._began_ns, begins_ns + NS_PER_S)
        done = last - first
        failed = self._failed[last] - self._failed[first]
        slow = self._slow[last] - self._slow[first]
        # The 99th percentile is within the bound where at most one in a hundred is above it.
        quick = 100 * slow <= done
        within: NDArray[np.bool_] = quick & (failed / np.maximum(done, 1) <= self._slo.error_rate)
        return within & (done > 0)


def _counted(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many are set before each place, and before the end; shape (n + 1,)."""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(flags, dtype=np.int64)))
