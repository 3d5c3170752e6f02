"""The origin behind the cache: a loader that answers the ledger's truth and notes its calls."""

import asyncio
from array import array
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.faults.loader_switch import LoaderSwitch
from workers.ledger import Ledger


class Origin:
    """Answers loads of one phase.

    Args:
        ledger: Knows the truth.
        delay_s: Seconds that a load takes. The truth is read before they begin, so that a load
            which overlaps a write brings the older value, as a slow database would.
        switch: What the faults of the loader turn; asked in each load.
    """

    def __init__(self, ledger: Ledger, delay_s: float, switch: LoaderSwitch | None = None) -> None:
        self._ledger = ledger
        self._delay_s = delay_s
        self._switch = LoaderSwitch() if switch is None else switch
        self._switch.probe = self.probe
        self._began_ns = array("q")

    @property
    def loads(self) -> int:
        """How often the cache has asked."""
        return len(self._began_ns)

    @property
    def began_ns(self) -> NDArray[np.int64]:
        """When each load began, on `time.perf_counter_ns`; shape (loads,)."""
        return np.array(self._began_ns, dtype=np.int64)

    async def load(self, key: str) -> Any:
        """The value of `key` at the time of the call, unless a fault has it otherwise.

        Raises:
            LoaderFaultError: It fails on purpose.
        """
        self._began_ns.append(perf_counter_ns())
        value = self._ledger.truth(key)
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        if await self._switch.answers_none():
            self._ledger.origin_answered_none(key)
            return None
        return value

    async def probe(self) -> bool | None:
        """One load of nothing that no cache has asked for: it takes no time and is not noted.

        Raises:
            LoaderFaultError: It fails on purpose.
        """
        return None if await self._switch.answers_none(self._switch.looks) else True
