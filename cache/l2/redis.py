"""L2 on one server: a session with it, and what the cache does there."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Literal

from cache.address import parse_l2_url, redacted
from cache.config import CacheConfig
from cache.errors import ConfigError
from cache.l2 import namespace as redis_namespace
from cache.l2.cluster import ClusterTier
from cache.l2.endpoint import Endpoint
from cache.l2.granting import RedisLeases
from cache.l2.names import Names
from cache.l2.sentinel import master_of
from cache.l2.session import Session
from cache.l2.values import RedisValues
from cache.tier import Entry, Found, Lease, LeaseRequest, LeasingTier, Write

Coherence = Literal["tracking", "ttl"]

MAX_VALUE_BYTES: Final = 16 * 1024 * 1024


class RedisTier:
    """The tier on one server of Redis or Valkey, or on the master that sentinels name.

    Args:
        url: Where the server is; see ``address``.
        namespace: What tells this cache's keys from all others.
        timeout_s: The longest to wait for one round trip.
        lease_s: How long a lease lives that is not renewed.
        coherence: ``tracking`` has the server tell of others' writes, ``ttl`` does not.
        compress_over_bytes: Longer payloads are compressed; None never does.
        max_value_bytes: The longest payload that is unpacked.

    Raises:
        ConfigError: The URL makes no sense, or is a cluster's.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        timeout_s: float,
        *,
        lease_s: float = 2.0,
        coherence: Coherence = "tracking",
        compress_over_bytes: int | None = None,
        max_value_bytes: int = MAX_VALUE_BYTES,
    ) -> None:
        self._session = Session(
            _locator(url), Names(namespace), timeout_s, is_tracking=coherence == "tracking"
        )
        self._values = RedisValues(
            self._session, compress_over_bytes=compress_over_bytes, max_value_bytes=max_value_bytes
        )
        self._leases = RedisLeases(self._session, self._values, lease_s)

    @property
    def undecodable(self) -> int:
        """Payloads read that this cache can't have written."""
        return self._values.undecodable

    @property
    def on_invalidated(self) -> Callable[[Collection[str] | None], None]:
        """Called with the keys that somebody wrote, or None for all of them."""
        return self._session.on_invalidated

    @on_invalidated.setter
    def on_invalidated(self, callback: Callable[[Collection[str] | None], None]) -> None:
        self._session.on_invalidated = callback

    @property
    def on_lost(self) -> Callable[[Exception], None]:
        """Called when the connection ends without ``close``."""
        return self._session.on_lost

    @on_lost.setter
    def on_lost(self, callback: Callable[[Exception], None]) -> None:
        self._session.on_lost = callback

    async def open(self) -> None:
        """Connect anew, and end the connection before: its queued writes must not come late.

        Raises:
            ConfigError: The server is none that L2 can use.
            Exception: It can't be reached, or refuses.
        """
        await self._session.open()

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    def lost_writes(self) -> bool:
        """Tell whether the server may have lost writes between the last two connections."""
        return self._session.forgot

    async def tend(self) -> None:
        """Ask for the server's time, which is a sign of life and keeps the clock's offset true."""
        await self._session.measure()

    def clock_us(self) -> int:
        """Return a time in microseconds that the server has certainly not passed."""
        return int(self._session.clock.latest_ms() * 1000)

    async def read(self, keys: Collection[str]) -> Found:
        """Return what the server knows of ``keys``, in one round trip."""
        return await self._values.read(keys)

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Store and delete, and return the version of each that is there now.

        Raises:
            ValueError: A version has not 16 digits; nothing was sent.
            Exception: The server or the network failed.
        """
        return await self._values.write(writes)

    async def lease(self, requests: Mapping[str, LeaseRequest]) -> dict[str, Entry | Lease]:
        """Return for each key a newer value, a granted lease, or one that another holds."""
        return await self._leases.lease(requests)

    async def renew(self, leases: Mapping[str, bytes]) -> None:
        """Let leases that still stand live for their whole time again."""
        await self._leases.renew(leases)

    async def release(self, leases: Mapping[str, bytes]) -> None:
        """End leases that still stand, because nothing will be filled."""
        await self._leases.release(leases)

    async def tagged(self, tags: Collection[str]) -> set[str]:
        """Return the keys that were written, or are being loaded, under any of ``tags``."""
        return await redis_namespace.tagged(self._session, tags)

    async def clear(self, version: int = 0) -> int:
        """Raise the floor and remove every key of the namespace, and nothing else.

        Args:
            version: The version that L3 gave the clearing; a set below it comes too late.

        Returns:
            The floor.
        """
        return await redis_namespace.clear(self._session, version)


def redis_tier(config: CacheConfig) -> LeasingTier:
    """Return the tier that the settings ask for, not yet connected.

    Args:
        config: Settings with an ``l2_url``.
    """
    url = config.l2_url or ""
    if parse_l2_url(url).kind == "cluster":
        return ClusterTier(
            url,
            config.namespace,
            config.l2_timeout_s,
            lease_s=config.lease_s,
            is_tracking=config.coherence == "tracking",
            compress_over_bytes=config.l2_compress_over_bytes,
            max_value_bytes=config.max_value_bytes,
        )
    return RedisTier(
        url,
        config.namespace,
        config.l2_timeout_s,
        lease_s=config.lease_s,
        coherence=config.coherence,
        compress_over_bytes=config.l2_compress_over_bytes,
        max_value_bytes=config.max_value_bytes,
    )


def _locator(url: str) -> Callable[[], Awaitable[Endpoint]]:
    """Return what says where the server of ``url`` is at the moment."""
    address = parse_l2_url(url)
    if address.kind == "cluster":
        raise ConfigError(f"l2_url {redacted(url)!r} names a cluster, not a server")

    async def locate() -> Endpoint:
        return await master_of(address) if address.kind == "sentinel" else Endpoint.of(address)

    return locate
