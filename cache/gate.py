"""Stands before a tier: gathers calls, opens the breaker, and repairs what an outage missed.

    read, write -> breaker closed? -> Coalescer -> Tier
                     | open: a miss at once; a written key is remembered
                     v
    watch:  probe (reconnect) -> delete the missed keys -> close the breaker

A tier serves reads only after everything that it missed was removed from it. This is the one
place where a failing tier turns into a recorded miss.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cache.batch import Coalescer
from cache.breaker import BreakerState, CircuitBreaker
from cache.errors import ConfigError
from cache.missed import MissedKeys
from cache.tier import DELETE, Entry, Tier, Write

_REASON_LENGTH: Final = 160


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tier answered: the entries found, and whether it answered at all."""

    entries: Mapping[str, Entry]
    answered: bool


@dataclass(slots=True)
class GateCounts:
    """What a gate saw since it was opened."""

    failures: int = 0
    skipped: int = 0
    repaired_keys: int = 0
    cleared_after_outage: int = 0


UNANSWERED: Final = Reading({}, answered=False)


class Gate:
    """One tier as the cache uses it: never raises for the tier's sake, never waits for a dead one.

    Args:
        name: The tier's name in reasons and figures.
        tier: The tier behind it.
        interval_s: Seconds between two signs of life, and between two attempts to come back.
        reads_in_flight: Batches of reads at a time; None is without limit.
        writes_in_flight: The same for writes.
    """

    def __init__(
        self,
        name: str,
        tier: Tier,
        *,
        interval_s: float,
        reads_in_flight: int | None = None,
        writes_in_flight: int | None = None,
    ) -> None:
        self.name = name
        self.breaker = CircuitBreaker(retry_after_s=interval_s)
        self.counts = GateCounts()
        self._tier = tier
        self._interval_s = interval_s
        self._reads: Coalescer[Collection[str], Reading] = Coalescer(
            self._read_batch, max_in_flight=reads_in_flight
        )
        self._writes: Coalescer[Mapping[str, Write], bool] = Coalescer(
            self._write_batch, max_in_flight=writes_in_flight
        )
        self._missed = MissedKeys()
        self._repairing = False
        self._closed = True
        self._wake = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def is_enabled(self) -> bool:
        """Whether the cache has this tier."""
        return True

    @property
    def is_closed(self) -> bool:
        """Whether it was closed for good, or never opened."""
        return self._closed

    @property
    def undecodable(self) -> int:
        """Payloads read that this cache can't have written."""
        return self._tier.undecodable

    @property
    def missed_keys(self) -> int:
        """Keys that await repair."""
        return len(self._missed)

    @property
    def serves(self) -> bool:
        """Whether reads reach the tier."""
        return self.breaker.is_closed and not self._closed

    async def open(self) -> None:
        """Connect, or start degraded and go on trying.

        Raises:
            ConfigError: The address can't be understood; trying again would not help.
        """
        self._closed = False
        try:
            await self._tier.open()
        except ConfigError:
            self._closed = True
            raise
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._trip(error)
        self._watcher = asyncio.create_task(self._watch(), name=f"cache-{self.name}-watch")

    async def close(self) -> None:
        """Leave the tier; reads miss and writes pass it by from now on."""
        if self._closed:
            return
        self._closed = True
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        await self._tier.close()
        await self._reads.drain()
        await self._writes.drain()

    async def read(self, keys: Collection[str]) -> Reading:
        """Return the fresh entries of ``keys``."""
        if not self.serves:
            self.counts.skipped += 1
            return UNANSWERED
        return await self._reads.submit(keys)

    async def write(self, writes: Mapping[str, Write]) -> bool:
        """Store and delete; return whether the tier confirmed it."""
        if not self._accepts_writes:
            self._miss(writes)
            return False
        return await self._writes.submit(writes)

    def pass_by(self, keys: Iterable[str]) -> None:
        """Skip a write because this tier just failed; its copies must go before it serves."""
        if not self._closed:
            self._missed.add(keys)
            if self.breaker.is_closed:
                self._trip(TimeoutError("a read failed"))

    async def clear(self) -> bool:
        """Empty the namespace, now or when the tier is back."""
        if not self._accepts_writes:
            if not self._closed:
                self._missed.add_everything()
            return False
        try:
            await self._tier.clear()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._missed.add_everything()
            self._fail_calls(1, error)
            self._trip(error)
            return False
        return True

    async def check(self) -> bool:
        """Ask the tier for a sign of life now and return whether it serves."""
        if self.serves:
            await self._beat()
        return self.serves

    @property
    def _accepts_writes(self) -> bool:
        return not self._closed and (self.breaker.is_closed or self._repairing)

    def _miss(self, keys: Iterable[str]) -> None:
        if not self._closed:
            self.counts.skipped += 1
            self._missed.add(keys)

    async def _read_batch(self, requests: list[Collection[str]]) -> Reading:
        if not self.serves:
            return UNANSWERED
        keys = requests[0] if len(requests) == 1 else {key for keys in requests for key in keys}
        try:
            entries = await self._tier.read(keys)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._fail_calls(len(requests), error)
            self.breaker.fail(_reason(error))
            self._wake_if_open()
            return UNANSWERED
        self.breaker.succeed()
        return Reading(entries, answered=True)

    async def _write_batch(self, requests: list[Mapping[str, Write]]) -> bool:
        writes = {key: write for request in requests for key, write in request.items()}
        if not self._accepts_writes:
            self._miss(writes)
            return False
        try:
            await self._tier.write(writes)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            # Whether it took effect is unknown, so the tier may hold older values: trip at once.
            self._missed.add(writes)
            self._fail_calls(len(requests), error)
            self._trip(error)
            return False
        return True

    def _fail_calls(self, calls: int, error: Exception) -> None:
        if not self._closed:
            self.counts.failures += calls
            self.breaker.reason = _reason(error)

    def _trip(self, error: Exception) -> None:
        self.breaker.trip(_reason(error))
        self._wake_if_open()

    def _wake_if_open(self) -> None:
        if not self.breaker.is_closed:
            self._wake.set()

    async def _watch(self) -> None:
        while not self._closed:
            await self._pause()
            if self.breaker.is_closed:
                await self._beat()
            elif self.breaker.begin_probe():
                await self._come_back()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._interval_s):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _beat(self) -> None:
        try:
            await self._tier.tend()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            if self.breaker.is_closed:
                self._trip(error)

    async def _come_back(self) -> None:
        """Probe, then repair with writes let through and reads held off, then serve again."""
        try:
            await self._tier.open()
            if self._tier.lost_writes():
                self._missed.add_everything()
            self._repairing = True
            await self._repair()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self.breaker.fail_probe(_reason(error))
        else:
            self._settle()
        finally:
            self._repairing = False

    def _settle(self) -> None:
        """Close the breaker, unless a call failed while the tier was being repaired."""
        if self._missed or self.breaker.state is not BreakerState.HALF_OPEN:
            self.breaker.fail_probe(self.breaker.reason)
        else:
            self.breaker.close()

    async def _repair(self) -> None:
        everything, keys = self._missed.take()
        try:
            if everything:
                await self._tier.clear()
                self.counts.cleared_after_outage += 1
            elif keys:
                await self._tier.write(dict.fromkeys(keys, DELETE))
                self.counts.repaired_keys += len(keys)
        except BaseException:
            self._missed.add(keys)
            if everything:
                self._missed.add_everything()
            raise


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:_REASON_LENGTH]
