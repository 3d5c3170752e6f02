"""Stands before a tier: gathers calls, and turns those that fail into recorded misses.

    read, write -> breaker closed? -> Coalescer -> Tier
                     | open: no answer at once; a written key is remembered
                     v
    Recovery: reconnect -> delete the missed keys -> close the breaker

This and ``Recovery`` are the one place where a failing tier is not an exception any more.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from cache.batch import Coalescer
from cache.errors import ConfigError
from cache.recovery import Recovery, RecoveryCounts, reason
from cache.tier import Found, Tier, Write

_DRAIN_TIMEOUT_S: Final = 1.0

AnyTier = TypeVar("AnyTier", bound=Tier)
Answer = TypeVar("Answer")


@dataclass(slots=True)
class GateCounts:
    """What became of the calls since a gate was opened."""

    failures: int = 0
    skipped: int = 0


class Gate(Generic[AnyTier]):
    """One tier as the cache uses it: never raises for the tier's sake, never waits for a dead one.

    An answer of None says that the tier was not asked, or did not answer.

    Args:
        name: The tier's name in reasons and figures.
        tier: The tier behind it.
        interval_s: Seconds between two signs of life, and between two attempts to come back.
        one_at_a_time: Reads wait for the reads before them, and are gathered meanwhile.
    """

    is_enabled = True

    def __init__(
        self, name: str, tier: AnyTier, *, interval_s: float, one_at_a_time: bool = False
    ) -> None:
        self.name = name
        self.tier = tier
        self.counts = GateCounts()
        self.recovery = Recovery(name, tier, interval_s)
        self.breaker = self.recovery.breaker
        self._missed = self.recovery.missed
        self._reads: Coalescer[Collection[str], Found | None] | None = None
        if one_at_a_time:
            self._reads = Coalescer(self._read_batch, max_in_flight=1)
        self._writes: Coalescer[Mapping[str, Write], dict[str, int] | None] = Coalescer(
            self._write_batch, max_in_flight=1 if one_at_a_time else None, apart=True
        )
        self._closed = True

    @property
    def is_closed(self) -> bool:
        """Whether it was closed for good, or never opened."""
        return self._closed

    @property
    def repairs(self) -> RecoveryCounts:
        """What was removed before the tier served again."""
        return self.recovery.counts

    @property
    def undecodable(self) -> int:
        """Payloads read that this cache can't have written."""
        return self.tier.undecodable

    @property
    def missed_keys(self) -> int:
        """Keys that await repair."""
        return len(self._missed)

    @property
    def delayed(self) -> Mapping[str, int]:
        """What is written behind its callers, by what became of it."""
        return {}

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
            await self.recovery.connect()
        except ConfigError:
            self._closed = True
            raise
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self.recovery.trip(error)
        self.recovery.start()

    async def close(self) -> None:
        """Leave the tier; reads miss and writes pass it by from now on."""
        if self._closed:
            return
        self._closed = True
        await self.recovery.stop()
        await self.tier.close()
        await self.recovery.stop_beat()
        if self._reads is not None:
            await self._reads.drain(_DRAIN_TIMEOUT_S)
        await self._writes.drain(_DRAIN_TIMEOUT_S)

    async def read(self, keys: Collection[str]) -> Found | None:
        """Return what the tier knows of ``keys``."""
        if not self.serves:
            self.counts.skipped += 1
            return None
        if self._reads is None:
            return await self._read_batch([keys])
        return await self._reads.submit(keys)

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int] | None:
        """Store and delete; return the versions of what was applied."""
        if not self._accepts_writes:
            self._miss(writes)
            return None
        return await self._writes.submit(writes)

    async def ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """Make one call of the tier's own, such as one for leases."""
        if not self.serves:
            self.counts.skipped += 1
            return None
        try:
            answer = await call()
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._fail_calls(1, error)
            self.recovery.fail(error)
            return None
        self.breaker.succeed()
        return answer

    def waiting(self, tags: Collection[str]) -> set[str]:  # noqa: ARG002 - a gate that writes behind needs it
        """Return the keys under any of ``tags`` that are yet to be written."""
        return set()

    def pass_by(self, keys: Iterable[str]) -> None:
        """Skip a write because this tier just failed; its copies must go before it serves."""
        if not self._closed:
            self._missed.add(dict.fromkeys(keys, 0))
            if self.breaker.is_closed:
                self.recovery.trip(TimeoutError("a read failed"))

    def outdated(self, versions: Mapping[str, int]) -> None:
        """Learn the versions of what this tier missed."""
        if not self._closed:
            self._missed.add(versions)

    def pass_everything_by(self) -> None:
        """Give up on what the tier holds: which keys must go can't be asked."""
        if not self._closed:
            self._missed.add_everything()
            if self.breaker.is_closed:
                self.recovery.trip(TimeoutError("a read failed"))

    async def clear(self, version: int = 0) -> int | None:
        """Empty the namespace, now or when the tier is back; return the version of that."""
        # What was written before must not arrive after: an empty write is answered behind it.
        await self._writes.submit({})
        if not self._accepts_writes:
            if not self._closed:
                self._missed.add_everything()
            return None
        try:
            return await self.tier.clear(version)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._missed.add_everything()
            self._fail_calls(1, error)
            self.recovery.trip(error)
            return None

    async def check(self) -> bool:
        """Ask the tier for a sign of life now and return whether it serves."""
        if self.serves:
            await self.recovery.beat()
        return self.serves

    @property
    def _accepts_writes(self) -> bool:
        return not self._closed and self.recovery.accepts_writes

    def _miss(self, writes: Mapping[str, Write]) -> None:
        if writes and not self._closed:
            self.counts.skipped += 1
            self._missed.add(_versions(writes))

    async def _read_batch(self, requests: list[Collection[str]]) -> Found | None:
        if not self.serves:
            return None
        keys = requests[0] if len(requests) == 1 else {key for keys in requests for key in keys}
        try:
            found = await self.tier.read(keys)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            self._fail_calls(len(requests), error)
            self.recovery.fail(error)
            return None
        self.breaker.succeed()
        return found

    async def _write_batch(self, requests: list[Mapping[str, Write]]) -> dict[str, int] | None:
        writes = {key: write for request in requests for key, write in request.items()}
        if not self._accepts_writes:
            self._miss(writes)
            return None
        if not writes:
            return {}
        try:
            return await self.tier.write(writes)
        except Exception as error:  # noqa: BLE001 - a tier's failure is recorded, not raised
            # Whether it took effect is unknown, so the tier may hold older values: trip at once.
            self._missed.add(_versions(writes))
            self._fail_calls(len(requests), error)
            self.recovery.trip(error)
            return None

    def _fail_calls(self, calls: int, error: Exception) -> None:
        if not self._closed:
            self.counts.failures += calls
            self.breaker.reason = reason(error)


def _versions(writes: Mapping[str, Write]) -> dict[str, int]:
    """Return what is missed when ``writes`` fail: a fill leaves nothing out of date."""
    return {key: write.version for key, write in writes.items() if not write.is_fill}
