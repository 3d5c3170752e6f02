"""Moments of many groups on one line, so that one search in numpy serves all groups at once.

    group 0                group 1                group 2
    |---b---b------b-----| |-b---------b--------| |------b-----b------|   begins
                                                                          each with its end

Each group's stretch has a place for every moment that any group knows.
"""

import numpy as np
from numpy.typing import NDArray

from workers.checker.log import EVER, NEVER, Times

Groups = NDArray[np.int64]


class Timeline:
    """What began when in each group, and when it was acknowledged.

    Args:
        group: The group of each, from 0; shape (n,).
        began: In ns; shape (n,).
        acked: In ns, `NEVER` where it was not; shape (n,).
    """

    def __init__(self, group: Groups, began: Times, acked: Times) -> None:
        self._moments = np.unique(np.concatenate((began, acked)))
        self._width = len(self._moments) + 1
        order = np.lexsort((began, group))
        self._group = group[order]
        self._begins = self._placed(self._group, began[order])
        ends = self._placed(self._group, acked[order])
        # From the line's end to its begin, since what begins later counts as well.
        self._first_acked = np.minimum.accumulate(ends[::-1])[::-1]
        self._last_acked = np.maximum.accumulate(ends)

    def first_acked_after(self, group: Groups, moment: Times) -> Times:
        """When the first of those was acknowledged that began after a moment.

        Args:
            group: Whose, -1 for a group that is not there; shape (m,).
            moment: In ns, shape (m,).

        Returns:
            In ns, `NEVER` where there is none; shape (m,).
        """
        found = np.full(len(group), NEVER, dtype=np.int64)
        if len(self._begins):
            at = np.searchsorted(self._begins, self._line(group, moment))
            there = np.flatnonzero(self._is_of(group, at))
            place = self._first_acked[at[there]] - group[there] * self._width
            found[there] = self._moments[place]
        return found

    def last_acked_of(self, group: Groups, moment: Times) -> Times:
        """When the last of those was acknowledged that began at a moment or before.

        Args:
            group: Whose, -1 for a group that is not there; shape (m,).
            moment: In ns, shape (m,).

        Returns:
            In ns, `EVER` where there is none; shape (m,).
        """
        found = np.full(len(group), EVER, dtype=np.int64)
        if len(self._begins):
            at = np.searchsorted(self._begins, self._line(group, moment)) - 1
            there = np.flatnonzero((at >= 0) & self._is_of(group, np.maximum(at, 0)))
            place = self._last_acked[at[there]] - group[there] * self._width
            found[there] = self._moments[place]
        return found

    def _placed(self, group: Groups, moments: Times) -> Groups:
        placed: Groups = group * self._width + np.searchsorted(self._moments, moments)
        return placed

    def _line(self, group: Groups, moments: Times) -> Groups:
        """The first place after a moment."""
        after: Groups = group * self._width + np.searchsorted(self._moments, moments, side="right")
        return after

    def _is_of(self, group: Groups, at: NDArray[np.intp]) -> NDArray[np.bool_]:
        inside = at < len(self._group)
        own: NDArray[np.bool_] = inside & (self._group[np.where(inside, at, 0)] == group)
        return own
