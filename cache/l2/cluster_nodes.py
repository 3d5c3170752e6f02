"""The primaries of a cluster: found, connected, and known again after each change of theirs.

ask the nodes for the slots -> keep, add and drop connections -> bring the floors level
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any, Final, TypeVar

from coredis.exceptions import ResponseError

from cache.address import L2Address
from cache.errors import ConfigError, TierError
from cache.l2.cluster_node import ClusterNode
from cache.l2.election import most_said
from cache.l2.endpoint import Endpoint
from cache.l2.link import Link
from cache.l2.names import ClusterNames
from cache.l2.topology import Place, Topology
from cache.tier import CONNECT_TIMEOUT_S

Answer = TypeVar("Answer")

_NO_TOPOLOGY: Final = Topology((), ())


class ClusterNodes:
    """The connections to the primaries of one cluster.

    Args:
        address: Some of its nodes.
        namespace: What tells this cache's keys from all others.
        make_node: Makes the connection to one, not yet made.

    Attributes:
        names: The namespace's names; those of floors are each node's own.
        forgot: Whether a node may have lost writes between the last two openings.
        on_invalidated: Called with the keys that somebody wrote, or None for all of them.
        on_lost: Called when the connection to a node ends without ``close``.
    """

    def __init__(
        self,
        address: L2Address,
        namespace: str,
        make_node: Callable[[Endpoint, ClusterNames], ClusterNode],
    ) -> None:
        self.names = ClusterNames(namespace)
        self.forgot = False
        self.on_invalidated: Callable[[Collection[str] | None], None] = lambda _keys: None
        self.on_lost: Callable[[Exception], None] = lambda _error: None
        self._address = address
        self._namespace = namespace
        self._make_node = make_node
        self._topology = _NO_TOPOLOGY
        self._nodes: dict[Place, ClusterNode] = {}
        self._served: frozenset[Place] = frozenset()
        self._is_in_doubt = False
        self._undecodable_of_dropped = 0

    @property
    def undecodable(self) -> int:
        """Payloads read that this cache can't have written."""
        return self._undecodable_of_dropped + sum(
            node.values.undecodable for node in self._nodes.values()
        )

    async def open(self) -> None:
        """Read the topology and connect anew to every primary.

        Raises:
            ConfigError: It is no cluster, or none that L2 can use.
            Exception: A primary can't be reached, or refuses.
        """
        self._topology = _NO_TOPOLOGY
        topology = await most_said(self._ask(*seed) for seed in self._seeds())
        await self._replace_nodes(topology)
        nodes = self._nodes.values()
        try:
            await self._connect()
            # Floors are compared over nodes: what one answers is good for all.
            floor = max(await together(node.raise_floor_to(0) for node in nodes))
            await together(node.raise_floor_to(floor) for node in nodes)
        except BaseException:
            # Cancelled or not, a cluster that is connected in part must not look whole.
            await self.close()
            raise
        self._topology = topology
        # A replica that was promoted may lack what its primary had confirmed.
        added = self._served and frozenset(topology.places) - self._served
        self.forgot = self._is_in_doubt or bool(added)
        self._is_in_doubt = False
        self._served = frozenset(topology.places)

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*[node.session.close() for node in self._nodes.values()])

    def all(self) -> list[ClusterNode]:
        """Return every primary.

        Raises:
            TierError: They are not connected.
        """
        if self._topology is _NO_TOPOLOGY:
            raise TierError("L2 is not connected")
        return list(self._nodes.values())

    def split(
        self, keys: Iterable[str], name_of: Callable[[str], str]
    ) -> list[tuple[ClusterNode, list[str]]]:
        """Return each primary that has some of the names of ``keys``, with those keys.

        Raises:
            TierError: They are not connected.
        """
        self.all()
        parts: dict[Place, list[str]] = {}
        for key in keys:
            parts.setdefault(self._topology.place_of(name_of(key)), []).append(key)
        return [(self._nodes[place], part) for place, part in parts.items()]

    def _seeds(self) -> list[Place]:
        return list(dict.fromkeys((*self._nodes, *self._address.hosts)))

    async def _ask(self, host: str, port: int) -> Topology:
        link = Link(Endpoint.of(self._address, host, port), CONNECT_TIMEOUT_S)
        try:
            await link.open()
            return Topology.of(await link.ask(b"CLUSTER", b"SLOTS"), host)
        except ResponseError as error:
            if "cluster support disabled" in str(error):
                raise ConfigError(
                    f"{link.endpoint} is no node of a cluster: give redis://"
                ) from None
            raise
        finally:
            await link.close()

    async def _replace_nodes(self, topology: Topology) -> None:
        """Drop who is no primary any more, add who is one now, and tell each its floor's name."""
        for place in self._nodes.keys() - set(topology.places):
            dropped = self._nodes.pop(place)
            self._undecodable_of_dropped += dropped.values.undecodable
            await dropped.session.close()
        for place in topology.places:
            names = ClusterNames(self._namespace, topology.mark_of(place))
            if place in self._nodes:
                self._nodes[place].session.names = names
            else:
                self._nodes[place] = self._new_node(place, names)

    def _new_node(self, place: Place, names: ClusterNames) -> ClusterNode:
        node = self._make_node(Endpoint.of(self._address, *place), names)
        node.session.on_invalidated = self._take_push
        node.session.on_lost = self._lose
        return node

    def _take_push(self, keys: Collection[str] | None) -> None:
        self.on_invalidated(keys)

    def _lose(self, error: Exception) -> None:
        self.on_lost(error)

    async def _connect(self) -> None:
        sessions = [node.session for node in self._nodes.values()]
        outcomes = await asyncio.gather(
            *[session.open() for session in sessions], return_exceptions=True
        )
        for session, outcome in zip(sessions, outcomes, strict=True):
            # Until all are connected nobody asks, and the next opening would not know any more.
            self._is_in_doubt |= outcome is None and session.forgot
        _raise_first(outcomes)


async def together(calls: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """Wait for all of ``calls``, then return their answers, or raise one of their errors."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    _raise_first(outcomes)
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


def _raise_first(outcomes: Iterable[object]) -> None:
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for error in errors:
        if isinstance(error, ConfigError):
            raise error
    for error in errors:
        raise error
