"""Writes that a worker saw again after it had seen what replaced them, as if applied twice."""

import numpy as np

from workers.checker.judged import Judged, Mask
from workers.checker.timeline import Timeline


def repeated(judged: Judged) -> Mask:
    """Which reads saw what an earlier read of the same worker had seen replaced.

    An earlier read is one that had ended before this one began; the write of what it saw began
    after what this one saw had been acknowledged.

    Args:
        judged: One worker's reads.
    """
    reads = judged.reads
    _, key = np.unique(reads["key"], return_inverse=True)
    earlier = Timeline(key, reads["ended"], judged.begun_ns)
    newest_ns = earlier.last_acked_of(key, reads["began"] - 1)
    again: Mask = ~judged.impossible & (newest_ns > judged.since_ns)
    return again
