"""L2 on a cluster: each key on the primary that has its slot, and one call for each of those.

    keys --slots--> node, node, node --(all at once)--> one answer

A command that a node refuses because a slot has moved fails the call. The gate then opens the
tier anew, and that reads the topology anew; nothing is redirected. A tag's set has a slot of its
own, on whichever node: it is written before the value, so that it always finds it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping

from cache.address import parse_l2_url
from cache.l2 import namespace as redis_namespace
from cache.l2.cluster_node import ClusterNode
from cache.l2.cluster_nodes import ClusterNodes, together
from cache.l2.endpoint import Endpoint
from cache.l2.names import ClusterNames
from cache.l2.values import joined
from cache.tier import Entry, Found, Lease, LeaseRequest, Write


class ClusterTier:
    """The tier on a cluster.

    Args:
        url: Some of the cluster's nodes; the others are found.
        namespace: What tells this cache's keys from all others.
        timeout_s: The longest to wait for one round trip.
        lease_s: How long a lease lives that is not renewed.
        is_tracking: Whether the nodes are to tell of others' writes.
        compress_over_bytes: Longer payloads are compressed; None never does.
        max_value_bytes: The longest payload that is unpacked.

    Raises:
        ConfigError: The URL makes no sense.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        timeout_s: float,
        *,
        lease_s: float,
        is_tracking: bool,
        compress_over_bytes: int | None,
        max_value_bytes: int,
    ) -> None:
        def make_node(endpoint: Endpoint, names: ClusterNames) -> ClusterNode:
            return ClusterNode(
                endpoint,
                names,
                timeout_s,
                is_tracking=is_tracking,
                lease_s=lease_s,
                compress_over_bytes=compress_over_bytes,
                max_value_bytes=max_value_bytes,
            )

        self._nodes = ClusterNodes(parse_l2_url(url), namespace, make_node)
        self._names = self._nodes.names
        self._lease_s = lease_s
        self._order = asyncio.Lock()
        self._tags_of_loads: dict[str, tuple[str, ...]] = {}

    @property
    def undecodable(self) -> int:
        """Payloads read that this cache can't have written."""
        return self._nodes.undecodable

    @property
    def on_invalidated(self) -> Callable[[Collection[str] | None], None]:
        """Called with the keys that somebody wrote, or None for all of them."""
        return self._nodes.on_invalidated

    @on_invalidated.setter
    def on_invalidated(self, callback: Callable[[Collection[str] | None], None]) -> None:
        self._nodes.on_invalidated = callback

    @property
    def on_lost(self) -> Callable[[Exception], None]:
        """Called when the connection to a node ends without ``close``."""
        return self._nodes.on_lost

    @on_lost.setter
    def on_lost(self, callback: Callable[[Exception], None]) -> None:
        self._nodes.on_lost = callback

    async def open(self) -> None:
        """Read the topology and connect anew to every primary.

        Raises:
            ConfigError: It is no cluster, or none that L2 can use.
            Exception: A primary can't be reached, or refuses.
        """
        await self._nodes.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._nodes.close()

    def lost_writes(self) -> bool:
        """Tell whether a node may have lost writes between the last two openings."""
        return self._nodes.forgot

    async def tend(self) -> None:
        """Ask each node for its time, which is a sign of life and keeps its clock's offset true."""
        await together(node.session.measure() for node in self._nodes.all())

    def clock_us(self) -> int:
        """Return a time in microseconds that no node has passed."""
        return max(int(node.session.clock.latest_ms() * 1000) for node in self._nodes.all())

    async def read(self, keys: Collection[str]) -> Found:
        """Return what the cluster knows of ``keys``, in one round trip to each node."""
        parts = self._nodes.split(keys, self._names.of)
        return joined(await together(node.values.read(part) for node, part in parts))

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Store and delete, and return the version of each that is there now.

        Raises:
            ValueError: A version has not 16 digits.
            Exception: A node or the network failed.
        """
        tagged = {
            key: (write.ttl_s, write.tags)
            for key, write in writes.items()
            if write.tags and write.payload is not None
        }
        # Writes are sent in the order of the calls, also where an earlier one is at its tags.
        async with self._order:
            floor = await self._index(tagged)
            sent = [
                (node, node.values.send({key: writes[key] for key in part}, floor))
                for node, part in self._nodes.split(writes, self._names.of)
            ]
        for key, write in writes.items():
            if write.lease is not None:
                self._tags_of_loads.pop(key, None)
        answers = await together(node.values.written(writing) for node, writing in sent)
        return {key: version for answer in answers for key, version in answer.items()}

    async def lease(self, requests: Mapping[str, LeaseRequest]) -> dict[str, Entry | Lease]:
        """Return for each key a newer value, a granted lease, or one that another holds."""
        await self._index_loads({key: request.tags for key, request in requests.items()})
        parts = self._nodes.split(requests, self._names.of)
        answers = await together(
            node.leases.lease({key: requests[key] for key in part}) for node, part in parts
        )
        merged = {key: answer for part in answers for key, answer in part.items()}
        for key, answer in merged.items():
            if isinstance(answer, Lease) and answer.is_granted and requests[key].tags:
                self._tags_of_loads[key] = requests[key].tags
        return merged

    async def renew(self, leases: Mapping[str, bytes]) -> None:
        """Let leases that still stand live for their whole time again."""
        await self._index_loads({key: self._tags_of_loads.get(key, ()) for key in leases})
        parts = self._nodes.split(leases, self._names.of)
        await together(
            node.leases.renew({key: leases[key] for key in part}) for node, part in parts
        )

    async def release(self, leases: Mapping[str, bytes]) -> None:
        """End leases that still stand, because nothing will be filled."""
        for key in leases:
            self._tags_of_loads.pop(key, None)
        parts = self._nodes.split(leases, self._names.of)
        await together(
            node.leases.release({key: leases[key] for key in part}) for node, part in parts
        )

    async def tagged(self, tags: Collection[str]) -> set[str]:
        """Return the keys that were written, or are being loaded, under any of ``tags``."""
        parts = self._nodes.split(tags, self._names.of_tag)
        found = await together(redis_namespace.tagged(node.session, part) for node, part in parts)
        return set().union(*found)

    async def clear(self, version: int = 0) -> int:
        """Raise the floors and remove every key of the namespace, and nothing else.

        Args:
            version: The version that L3 gave the clearing; a set below it comes too late.

        Returns:
            The floor, the same on each node.
        """
        nodes = self._nodes.all()
        sessions = [node.session for node in nodes]
        floors = await together(
            redis_namespace.raise_floor(session, version) for session in sessions
        )
        await together(node.raise_floor_to(max(floors)) for node in nodes)
        # All tags before any value: a tag may find values on every node.
        await together(redis_namespace.remove_tags(session) for session in sessions)
        await together(redis_namespace.remove_values(session) for session in sessions)
        return max(floors)

    async def _index_loads(self, tags: Mapping[str, tuple[str, ...]]) -> None:
        await self._index({key: (self._lease_s, some) for key, some in tags.items() if some})

    async def _index(self, keys: Mapping[str, tuple[float | None, tuple[str, ...]]]) -> int | None:
        """Note keys, with their times to live, in the sets of their tags; return the floor."""
        every_tag = {tag for _, tags in keys.values() for tag in tags}
        calls = []
        for node, part in self._nodes.split(every_tag, self._names.of_tag):
            here = set(part)
            local = {
                key: (ttl_s, tuple(tag for tag in tags if tag in here))
                for key, (ttl_s, tags) in keys.items()
            }
            calls.append(node.index({key: entry for key, entry in local.items() if entry[1]}))
        return min(await together(calls), default=None)
