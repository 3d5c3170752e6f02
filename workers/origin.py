"""The origin behind the cache: a loader that answers the ledger's truth and counts its calls."""

import asyncio
from typing import Any

from workers.ledger import Ledger


class Origin:
    """Answers loads of one phase.

    Args:
        ledger: Knows the truth.
        delay_s: Seconds that a load takes. The truth is read before they begin, so that a load
            which overlaps a write brings the older value, as a slow database would.
    """

    def __init__(self, ledger: Ledger, delay_s: float) -> None:
        self._ledger = ledger
        self._delay_s = delay_s
        self.loads = 0

    async def load(self, key: str) -> Any:
        """The value of `key` at the time of the call."""
        self.loads += 1
        value = self._ledger.truth(key)
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        return value
