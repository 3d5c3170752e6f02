"""Recording while measuring: each operation is packed into preallocated memory, nothing else.

Only when a phase has ended does `workers.intervals` make numpy arrays and histograms of it.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Record = Callable[[int, int, int], None]

PACKED = struct.Struct("=qqq")
ROW = np.dtype([("start_ns", np.int64), ("duration_ns", np.int64), ("code", np.int64)])
ROW_BYTES = PACKED.size
BLOCK_BYTES = ROW_BYTES * 65_536


class Code(NamedTuple):
    """What an operation was, which tier served it and how it ended: `ok` or the kind of error."""

    operation: str
    tier: str
    outcome: str


class CodeBook:
    """Gives each combination of operation, tier and outcome a small number, as it first appears."""

    def __init__(self) -> None:
        self._numbers: dict[Code, int] = {}

    def number(self, operation: str, tier: str, outcome: str = "ok") -> int:
        """The number of a combination."""
        return self._numbers.setdefault(Code(operation, tier, outcome), len(self._numbers))

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every combination so far; its position is its number."""
        return tuple(self._numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """All operations of one phase, an element each.

    Args:
        start_ns: When it was sent, on `time.perf_counter_ns`.
        duration_ns: How long its caller waited.
        code: Its number in the code book.
        due_ns: When it was due, on the same clock; None in a closed loop, where nothing is due.
    """

    start_ns: NDArray[np.int64]
    duration_ns: NDArray[np.int64]
    code: NDArray[np.int64]
    due_ns: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.code)

    @property
    def intended_ns(self) -> NDArray[np.int64]:
        """How long it took from when it was due; in a closed loop, from when it was sent."""
        if self.due_ns is None:
            return self.duration_ns
        return self.start_ns + self.duration_ns - self.due_ns


class Recorder:
    """The operations of one phase, packed into preallocated blocks.

    `record(start_ns, duration_ns, code)` is a function and not a method, so that all it needs is
    bound once; packing costs two thirds of three appends to `array.array`.
    """

    def __init__(self) -> None:
        self._blocks = [bytearray(BLOCK_BYTES)]
        self.record: Record
        self._used_bytes: Callable[[], int]
        self.record, self._used_bytes = self._make_record()

    def __len__(self) -> int:
        return self._total_bytes() // ROW_BYTES

    def samples(self, due_ns: NDArray[np.int64] | None = None, *, since: int = 0) -> Samples:
        """What was recorded so far, as arrays of numpy's.

        Args:
            due_ns: When each of them was due, in the order in which they were recorded.
            since: How many of the first are left out.
        """
        # A long phase is large: block by block, no third copy of it is made.
        parts = [np.frombuffer(block, dtype=ROW) for block in self._blocks]
        parts[-1] = parts[-1][: self._used_bytes() // ROW_BYTES]

        def column(name: str) -> NDArray[np.int64]:
            whole = np.concatenate([part[name] for part in parts])
            return whole[since:].copy() if since else whole

        return Samples(
            start_ns=column("start_ns"),
            duration_ns=column("duration_ns"),
            code=column("code"),
            due_ns=due_ns,
        )

    def forget(self) -> None:
        """Let go of all that was recorded, at the end: whoever records is kept by others."""
        self._blocks.clear()

    def _total_bytes(self) -> int:
        return (len(self._blocks) - 1) * BLOCK_BYTES + self._used_bytes()

    def _make_record(self) -> tuple[Record, Callable[[], int]]:
        pack_into = PACKED.pack_into
        block = self._blocks[-1]
        used = 0

        def record(start_ns: int, duration_ns: int, code: int) -> None:
            nonlocal block, used
            if used == BLOCK_BYTES:
                block = bytearray(BLOCK_BYTES)
                self._blocks.append(block)
                used = 0
            pack_into(block, used, start_ns, duration_ns, code)
            used += ROW_BYTES

        return record, lambda: used
