"""All measured operations of an attempt in the order in which they began, over its phases."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workers.measured import MeasuredPhase
from workers.recorder import Code

OK = "ok"


class Operations:
    """The operations of an attempt's measured phases, an element each, by when they began.

    In an open loop an operation begins when it is due.

    Args:
        began_ns: When each began, on the samples' clock; shape (n,), ascending.
        time_ns: How long it took from then; shape (n,).
        code: Its number in the code book; shape (n,).
    """

    def __init__(
        self, began_ns: NDArray[np.int64], time_ns: NDArray[np.int64], code: NDArray[np.int64]
    ) -> None:
        self.began_ns = began_ns
        self.time_ns = time_ns
        self.code = code

    @classmethod
    def of(cls, phases: Sequence[MeasuredPhase]) -> Self:
        """Those of some phases, in any order."""
        samples = [measured.samples for measured in phases]
        nothing = [np.zeros(0, dtype=np.int64)]
        due = [each.start_ns if each.due_ns is None else each.due_ns for each in samples]
        began_ns = np.concatenate(nothing + due)
        order = np.argsort(began_ns, kind="stable")
        return cls(
            began_ns[order],
            np.concatenate(nothing + [each.intended_ns for each in samples])[order],
            np.concatenate(nothing + [each.code for each in samples])[order],
        )

    def between(self, start_ns: int, end_ns: int) -> Self:
        """Those that began from one moment on and before another."""
        first, last = np.searchsorted(self.began_ns, (start_ns, max(start_ns, end_ns)))
        cut = slice(int(first), int(last))
        return type(self)(self.began_ns[cut], self.time_ns[cut], self.code[cut])

    def failed(self, codes: Sequence[Code]) -> NDArray[np.bool_]:
        """Which of them did not succeed; shape (n,)."""
        is_failure = np.array([code.outcome != OK for code in codes], dtype=np.bool_)
        failed: NDArray[np.bool_] = is_failure[self.code]
        return failed
