"""Keeps a dict whose keys come and go as small as its number of keys allows."""

import sys
from typing import Any, Final

_LOOSE: Final = 1.5


class Compactor:
    """Rebuilds a dict in place: Python lets one whose keys change grow to three times its need.

    Args:
        table: The dict.
    """

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._compact_bytes = 0

    def run(self) -> None:
        """Rebuild the dict, if it has grown since that was done."""
        table = self._table
        if sys.getsizeof(table) > _LOOSE * self._compact_bytes:
            held = table.copy()
            table.clear()
            table.update(held)
            self._compact_bytes = sys.getsizeof(table)
