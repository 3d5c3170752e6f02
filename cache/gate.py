"""Stands before a tier: gathers calls, and turns those that fail into recorded misses.

    read, write -> breaker closed? -> Coalescer -> Tier
                     | open: a miss at once; a written key is remembered
                     v
    Recovery: reconnect -> delete the missed keys -> close the breaker

This and ``Recovery`` are the one place where a failing tier is not an exception any more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cache.batch import Coalescer
from cache.breaker import CircuitBreaker
from cache.errors import ConfigError
from cache.recovery import Recovery, RecoveryCounts, reason
from cache.tier import Entry, Tier, Write

_DRAIN_TIMEOUT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tier answered: the entries found, and whether it answered at all."""

    entries: Mapping[str, Entry]
    answered: bool


@dataclass(slots=True)
class GateCounts:
    """What became of the calls since a gate was opened."""

    failures: int = 0
    skipped: int = 0


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
        self.counts = GateCounts()
        self._tier = tier
        self._recovery = Recovery(name, tier, interval_s)
        self._missed = self._recovery.missed
        self._reads: Coalescer[Collection[str], Reading] = Coalescer(
            self._read_batch, max_in_flight=reads_in_flight
        )
        self._writes: Coalescer[Mapping[str, Write], bool] = Coalescer(
            self._write_batch, max_in_flight=writes_in_flight
        )
        self._closed = True

    @property
    def is_enabled(self) -> bool:
        """Whether the cache has this tier."""
        return True

    @property
    def is_closed(self) -> bool:
        """Whether it was closed for good, or never opened."""
        return self._closed

    @property
    def breaker(self) -> CircuitBreaker:
        """What decides whether the tier is asked."""
        return self._recovery.breaker

    @property
    def repairs(self) -> RecoveryCounts:
        """What was removed before the tier served again."""
        return self._recovery.counts

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
            self._recovery.trip(error)
        self._recovery.start()

    async def close(self) -> None:
        """Leave the tier; reads miss and writes pass it by from now on."""
        if self._closed:
            return
        self._closed = True
        await self._recovery.stop()
        await self._tier.close()
        await self._recovery.stop_beat()
        await self._reads.drain(_DRAIN_TIMEOUT_S)
        await self._writes.drain(_DRAIN_TIMEOUT_S)

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
                self._recovery.trip(TimeoutError("a read failed"))

    async def clear(self) -> bool:
        """Empty the namespace, now or when the tier is back."""
        # What was written before must not arrive after: an empty write is answered behind it.
        await self._writes.submit({})
        if not self._accepts_writes:
            if not self._closed:
                self._missed.add_everything()
            return False
        try:
            await self._tier.clear()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._missed.add_everything()
            self._fail_calls(1, error)
            self._recovery.trip(error)
            return False
        return True

    async def check(self) -> bool:
        """Ask the tier for a sign of life now and return whether it serves."""
        if self.serves:
            await self._recovery.beat()
        return self.serves

    @property
    def _accepts_writes(self) -> bool:
        return not self._closed and self._recovery.accepts_writes

    def _miss(self, keys: Collection[str]) -> None:
        if keys and not self._closed:
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
            self._recovery.fail(error)
            return UNANSWERED
        self.breaker.succeed()
        return Reading(entries, answered=True)

    async def _write_batch(self, requests: list[Mapping[str, Write]]) -> bool:
        writes = {key: write for request in requests for key, write in request.items()}
        if not self._accepts_writes:
            self._miss(writes)
            return False
        if not writes:
            return True
        try:
            await self._tier.write(writes)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            # Whether it took effect is unknown, so the tier may hold older values: trip at once.
            self._missed.add(writes)
            self._fail_calls(len(requests), error)
            self._recovery.trip(error)
            return False
        return True

    def _fail_calls(self, calls: int, error: Exception) -> None:
        if not self._closed:
            self.counts.failures += calls
            self.breaker.reason = reason(error)
