"""Rows of whole numbers, packed in passing into preallocated memory."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from workers.checker.log import Log

Note = Callable[..., None]

_BLOCK_ROWS = 16_384


class Rows:
    """What is noted while a load runs; `note(...)` takes a number for each column.

    Args:
        row: The type of a row, of columns of 8 bytes each.
    """

    def __init__(self, row: "np.dtype[Any]") -> None:
        self._row = row
        self.note: Note
        self.taken: Callable[[], Log]
        self.note, self.taken = self._make_note()

    def _make_note(self) -> tuple[Note, Callable[[], Log]]:
        """Both as functions, so that all that noting needs is bound once."""
        row, size = self._row, self._row.itemsize
        length = _BLOCK_ROWS * size
        pack_into = struct.Struct(f"={size // 8}q").pack_into
        block, used = bytearray(length), 0
        full: list[bytearray] = []

        def note(*numbers: int) -> None:
            nonlocal block, used
            if used == length:
                full.append(block)
                block, used = bytearray(length), 0
            pack_into(block, used, *numbers)
            used += size

        def taken() -> Log:
            """All rows since the last call, which are forgotten here."""
            nonlocal block, used
            rows = np.concatenate([np.frombuffer(each, dtype=row) for each in (*full, block)])
            rows = rows[: len(full) * _BLOCK_ROWS + used // size]
            full.clear()
            block, used = bytearray(length), 0
            return rows

        return note, taken
