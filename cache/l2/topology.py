"""Which primary of a cluster has which slots, as the cluster itself tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self

from coredis._utils import hash_slot

from cache.errors import TierError

SLOTS: Final = 16384

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Topology:
    """The primaries, and the slots of each.

    Attributes:
        places: Host and port of each primary, sorted.
        owners: For each slot the number of its primary.
    """

    places: tuple[Place, ...]
    owners: tuple[int, ...]

    @classmethod
    def of(cls, ranges: Iterable[list[Any]], asked: str) -> Self:
        """Read the reply to ``CLUSTER SLOTS``.

        Args:
            ranges: First slot, last slot, and the primary's host and port, among others.
            asked: The host of the node that replied, which it may not know itself.

        Raises:
            TierError: Some slots have no primary.
        """
        by_slot: dict[int, Place] = {}
        for first, last, primary, *_ in ranges:
            host = (primary[0] or b"").decode() or asked
            by_slot.update(dict.fromkeys(range(first, last + 1), (host, int(primary[1]))))
        if len(by_slot) < SLOTS:
            raise TierError(f"the cluster has no node for {SLOTS - len(by_slot)} of its slots")
        places = tuple(sorted(set(by_slot.values())))
        numbers = {place: number for number, place in enumerate(places)}
        return cls(places, tuple(numbers[by_slot[slot]] for slot in range(SLOTS)))

    def place_of(self, name: str) -> Place:
        """Return the primary that has the slot of ``name``."""
        return self.places[self.owners[hash_slot(name.encode())]]

    def mark_of(self, place: Place) -> str:
        """Return a text that, in braces, hashes to a slot of ``place``."""
        wanted = self.places.index(place)
        return next(
            str(number) for number in count() if self.owners[hash_slot(b"%d" % number)] == wanted
        )
