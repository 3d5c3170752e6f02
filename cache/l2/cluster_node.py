"""One primary of a cluster as L2 uses it."""

from collections.abc import Mapping
from typing import Any

from coredis.exceptions import WrongTypeError

from cache.l2 import scripts
from cache.l2.batches import chunks, encoded_tags
from cache.l2.endpoint import Endpoint
from cache.l2.granting import RedisLeases
from cache.l2.link import Argument, Reply
from cache.l2.names import ClusterNames
from cache.l2.session import Session, checked
from cache.l2.values import RedisValues


class NodeValues(RedisValues):
    """Reads with a GET for each key: an MGET would have to keep to one slot."""

    def _ask_for(self, keys: list[str]) -> Reply:
        names = self._session.names
        wanted = [*map(names.of, keys), names.floor]
        return self._session.link.send_all([(b"GET", name) for name in wanted])

    def _received(self, replies: list[Any]) -> list[bytes | None]:
        return [None if isinstance(reply, WrongTypeError) else checked(reply) for reply in replies]


class ClusterNode:
    """A primary: the connection to it, and what is read, written and leased there.

    Args:
        endpoint: Where it is.
        names: The namespace's names there.
        timeout_s: The longest to wait for each reply.
        is_tracking: Whether it is to tell of others' writes.
        lease_s: How long a lease lives that is not renewed.
        compress_over_bytes: Longer payloads are compressed; None never does.
        max_value_bytes: The longest payload that is unpacked.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        names: ClusterNames,
        timeout_s: float,
        *,
        is_tracking: bool,
        lease_s: float,
        compress_over_bytes: int | None,
        max_value_bytes: int,
    ) -> None:
        async def locate() -> Endpoint:
            return endpoint

        self.session = Session(locate, names, timeout_s, mode="cluster", is_tracking=is_tracking)
        self.values = NodeValues(
            self.session, compress_over_bytes=compress_over_bytes, max_value_bytes=max_value_bytes
        )
        self.leases = RedisLeases(self.session, self.values, lease_s)

    async def raise_floor_to(self, floor: int) -> int:
        """Make the floor ``floor`` unless it is higher, and return it."""
        return int(await self.session.run(scripts.RAISE, floor))

    async def index(self, ttls_s: Mapping[str, tuple[float | None, tuple[str, ...]]]) -> int:
        """Note keys in the sets of tags that lie here.

        Args:
            ttls_s: For each key its time to live, None without end, and its tags.

        Returns:
            The floor, the lowest if it rose meanwhile.
        """
        names = self.session.names
        floors = []
        for chunk in chunks(ttls_s.items()):
            arguments: list[Argument] = []
            for key, (ttl_s, tags) in chunk:
                ttl_ms: Argument = b"" if ttl_s is None else max(1, int(ttl_s * 1000))
                sets = tuple(map(names.of_tag, tags))
                arguments += (names.of(key), ttl_ms, encoded_tags(sets))
            floors.append(int(await self.session.run(scripts.INDEX, *arguments)))
        return min(floors)
