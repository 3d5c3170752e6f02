"""How the requests of a trace are spread over its keys."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.trace.requests import Trace


@dataclass(frozen=True, slots=True, eq=False)
class Popularity:
    """The requests of each key that has any.

    Args:
        counts: From the most popular key to the least, each at least 1.
    """

    counts: NDArray[np.int64]

    @property
    def one_hit_wonders(self) -> int:
        """Keys with a single request."""
        return int(np.count_nonzero(self.counts == 1))

    @property
    def fitted_ranks(self) -> int:
        """Ranks on which Zipf's exponent is fitted: those of the keys with two requests or more."""
        return len(self.counts) - self.one_hit_wonders

    def zipf_exponent(self) -> float | None:
        """How steeply the requests fall by rank: the slope of a line through log rank, log count.

        The line is fitted by least squares over the ranks whose count is above 1; the many that
        share the count 1 would make it flatter than the popular part is.

        Returns:
            None where there are fewer than two such ranks.
        """
        ranks = self.fitted_ranks
        if ranks < 2:  # noqa: PLR2004 - a line goes through two points
            return None
        slope, _ = np.polyfit(np.log(np.arange(1, ranks + 1)), np.log(self.counts[:ranks]), 1)
        return max(0.0, float(-slope))

    def top_share(self, keys: float) -> float:
        """The share of all requests that the most popular keys get.

        Args:
            keys: Which share of the keys, above 0 to 1; rounded to whole keys, at least one.
        """
        top = self.counts[: max(1, round(keys * len(self.counts)))]
        return float(top.sum() / self.counts.sum())


def popularity_of(trace: Trace) -> Popularity:
    """Count the requests of each key, whatever they do.

    Args:
        trace: At least one request.
    """
    counts = np.bincount(trace.key_ids)
    return Popularity(np.sort(counts[counts > 0])[::-1])
