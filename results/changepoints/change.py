"""What is known of one change of a series."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """A place from where on a series lies on another level.

    `index` is the first point after the change. `before` and `after` are the means of the segments
    on both sides, up to the next change or the end, without the outliers, in the series' own unit.
    `p` is how probable a difference so large would be somewhere in a series without a change:
    Student's t-test, times all cuts that were tried, at most 1. With a probability of 99 % the
    first point after the change is one from `earliest` to `latest`.
    """

    index: int
    before: float
    after: float
    p: float
    earliest: int
    latest: int

    @property
    def ratio(self) -> float | None:
        """After over before; None where it was 0 before."""
        return self.after / self.before if self.before else None
