"""Where the parts of a fault window lie: before, during and after it.

    requested   effective         cleared     over           next requested
        |           |                |         |                   |
 before |           |     during     |           after             |

What began between request and effect belongs to no part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The moments of one fault window, in ns on one clock.

    Args:
        requested_ns: When it was asked for.
        effective_ns: When it was seen to be at work; None where it never was.
        cleared_ns: When it was seen to have ended, or the load's end where it was not.
        over_ns: When all was well again; None where that was not seen.
    """

    requested_ns: int
    effective_ns: int | None
    cleared_ns: int
    over_ns: int | None


class Part(NamedTuple):
    """One part of a window: from a moment on, before another."""

    name: str
    start_ns: int
    end_ns: int

    @property
    def is_empty(self) -> bool:
        """Whether there is no time in it."""
        return self.start_ns >= self.end_ns


def parts_of(own: Course, courses: Sequence[Course], begin_ns: int, end_ns: int) -> Iterator[Part]:
    """The parts of a window that are not empty.

    Args:
        own: The window.
        courses: All windows of the attempt, it among them.
        begin_ns: When the first measured load began.
        end_ns: When the last measured load ended.
    """
    parts = [Part("before", *_calm(own, courses, begin_ns))]
    if own.effective_ns is not None:
        later = (each.requested_ns for each in courses if each.requested_ns >= own.cleared_ns)
        parts += [
            Part("during", own.effective_ns, own.cleared_ns),
            Part("after", own.cleared_ns, min([end_ns, *later])),
        ]
    yield from (part for part in parts if not part.is_empty)


def _calm(own: Course, courses: Sequence[Course], begin_ns: int) -> tuple[int, int]:
    """The last time before a window in which no fault was at work and all had recovered."""
    end_ns = own.requested_ns
    while under_way := [each for each in courses if _is_under_way(each, end_ns)]:
        end_ns = min(each.requested_ns for each in under_way)
    over = (each.over_ns for each in courses if each.requested_ns < end_ns)
    return max([begin_ns, *(each for each in over if each is not None)]), end_ns


def _is_under_way(course: Course, moment_ns: int) -> bool:
    return course.requested_ns < moment_ns and (
        course.over_ns is None or course.over_ns > moment_ns
    )
