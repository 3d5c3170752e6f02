"""Brings a tier back: notices that it fails, reconnects, and removes what it missed meanwhile.

    watch:  no sign of life -> breaker opens
            probe (reconnect) -> delete the missed keys -> close the breaker

Reads are held off until the last missed key is gone, so that an outage's end undoes nothing.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from cache.breaker import BreakerState, CircuitBreaker
from cache.deadline import end
from cache.missed import MissedKeys
from cache.tier import Tier, Write

_REASON_LENGTH: Final = 160
_CHUNK: Final = 500


@dataclass(slots=True)
class RecoveryCounts:
    """What was removed before a tier served again."""

    repaired_keys: int = 0
    cleared_after_outage: int = 0


class Aftermath:
    """What others have to do when a tier fails and when it is back; by itself nothing."""

    def alive(self, since_s: float) -> None:
        """Take note of a sign of life, asked for at ``since_s`` of the monotonic clock."""

    def lost(self, reason: str) -> None:
        """The tier does not answer any more."""

    def connected(self) -> None:
        """A connection was made; the tier does not serve yet."""

    async def mend(self) -> None:
        """Remove what the tier missed and others know of, before it serves."""

    async def removed(self, missed: dict[str, int], versions: dict[str, int]) -> None:
        """Take note of keys that were removed.

        Args:
            missed: The version of what the tier missed of each; 0 where that is not known.
            versions: The version of each removal.
        """


class Recovery:
    """Watches one tier, opens its breaker, and closes it when the tier is whole again.

    Args:
        name: The tier's name.
        tier: The tier.
        interval_s: Seconds between two signs of life, and between two attempts to come back.
    """

    def __init__(self, name: str, tier: Tier, interval_s: float) -> None:
        self.breaker = CircuitBreaker(retry_after_s=interval_s)
        self.missed = MissedKeys()
        self.counts = RecoveryCounts()
        self.aftermath = Aftermath()
        self._name = name
        self._tier = tier
        self._interval_s = interval_s
        self._repairing = False
        self._wake = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def accepts_writes(self) -> bool:
        """Whether writes reach the tier: they do already while it is repaired."""
        return self.breaker.is_closed or self._repairing

    async def connect(self) -> None:
        """Open the tier.

        Raises:
            Exception: Whatever kept the tier from answering.
        """
        await self._tier.open()
        self.aftermath.connected()

    def start(self) -> None:
        """Begin to watch."""
        self._watcher = asyncio.create_task(self._watch(), name=f"cache-{self._name}-watch")

    async def stop(self) -> None:
        """Watch no longer; a question for a sign of life may still be on its way."""
        if self._watcher is not None:
            await end({self._watcher})

    async def stop_beat(self) -> None:
        """End what a closed tier left of the question for a sign of life.

        Before the tier is closed it would be cut short instead of answered, which costs SQLite's
        driver a cursor, and with it a file that stays open.
        """
        if self._beating is not None:
            await end({self._beating})

    def fail(self, error: Exception) -> None:
        """Note a failed read."""
        self.breaker.fail(reason(error))
        self._wake_if_open()

    def trip(self, error: Exception) -> None:
        """Open the breaker now."""
        self.breaker.trip(reason(error))
        self._wake_if_open()

    async def beat(self) -> None:
        """Ask the tier for a sign of life; who asks meanwhile shares the answer."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat(), name=f"cache-{self._name}-beat")
        # A caller that is cancelled must not cut the statement short: that costs the connection.
        await asyncio.wait({self._beating})

    def _wake_if_open(self) -> None:
        if not self.breaker.is_closed:
            self.aftermath.lost(self.breaker.reason)
            self._wake.set()

    async def _watch(self) -> None:
        while True:
            await self._pause()
            if self.breaker.is_closed:
                await self.beat()
            elif self.breaker.begin_probe():
                await self._come_back()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._interval_s):
                await self._wake.wait()
        self._wake.clear()

    async def _beat(self) -> None:
        asked_s = time.monotonic()
        try:
            await self._tier.tend()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            if self.breaker.is_closed:
                self.trip(error)
        else:
            if self.breaker.is_closed:
                self.aftermath.alive(asked_s)

    async def _come_back(self) -> None:
        """Probe, then repair with writes let through and reads held off, then serve again."""
        try:
            await self.connect()
            if self._tier.lost_writes():
                self.missed.add_everything()
            self._repairing = True
            await self._repair()
            await self.aftermath.mend()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._fail_probe(reason(error))
        else:
            self._settle()
        finally:
            self._repairing = False

    def _settle(self) -> None:
        """Close the breaker, unless a call failed while the tier was being repaired."""
        if self.missed or self.breaker.state is not BreakerState.HALF_OPEN:
            self._fail_probe(self.breaker.reason)
        else:
            self.breaker.close()

    def _fail_probe(self, why: str) -> None:
        self.breaker.fail_probe(why)
        self.aftermath.lost(why)

    async def _repair(self) -> None:
        everything, versions = self.missed.take()
        try:
            if everything:
                await self._tier.clear()
                self.counts.cleared_after_outage += 1
            else:
                await self._remove(versions)
        except BaseException:
            self.missed.add(versions)
            if everything:
                self.missed.add_everything()
            raise

    async def _remove(self, missed: dict[str, int]) -> None:
        """Delete keys, some at a time, and take out of ``missed`` what is gone."""
        while missed:
            chunk = dict(islice(missed.items(), _CHUNK))
            gone = {key: Write(None, version=version) for key, version in chunk.items()}
            await self.aftermath.removed(chunk, await self._tier.write(gone))
            self.counts.repaired_keys += len(chunk)
            for key in chunk:
                del missed[key]


def reason(error: Exception) -> str:
    """Return one short line on why a tier failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:_REASON_LENGTH]
