r"""Which slot leaves a full L1: S3-FIFO (Yang et al., SOSP 2023).

             hit twice or more
insert -> small ------------------> main -> out
            |                       ^  \__/ hit: once more round
            +-> ghost (no value) ---+ seen again
"""

from collections import deque
from typing import Final

from cache.l1.ghosts import Ghosts
from cache.l1.slot import Slot

MOST_FREQUENT: Final = 3
PROMOTED: Final = 2

_SMALL_SHARE: Final = 10
_DEAD_ALLOWED: Final = 64


class S3Fifo:
    """New keys enter a small queue of a tenth; those hit twice there move to the main queue.

    A slot's frequency, at most 3, is its uncollected hits less those already ``spent`` here, so
    that a hit has nothing to do but to count.
    """

    def __init__(self) -> None:
        self._small: deque[Slot] = deque()
        self._main: deque[Slot] = deque()
        self._ghosts = Ghosts(0)
        self._suits = 0

    def __len__(self) -> int:
        """Return how many slots the queues hold, the dead ones too."""
        return len(self._small) + len(self._main)

    def admit(self, key: str, slot: Slot) -> None:
        """Take in a new slot: at once into the main queue, if its key left only lately."""
        if self._suits and self._ghosts.take(key):
            self._main.append(slot)
        else:
            self._small.append(slot)

    def evict(self, held: int) -> Slot:
        """Take out the slot that is worth the least.

        Args:
            held: How many slots are alive, 1 or more.
        """
        small, main = self._small, self._main
        target = held // _SMALL_SHARE or 1
        if held > self._suits:
            # The first to leave, or twice as many are held as when the last table was made.
            self._ghosts = Ghosts(held - target)
            self._suits = 2 * held
        while True:
            if len(small) >= target or not main:
                slot = small.popleft()
                key = slot.key
                if key is not None:
                    hits = slot.mark - slot.untimed
                    if hits - slot.spent < PROMOTED:
                        self._ghosts.add(key)
                        return slot
                    slot.spent = hits
                    main.append(slot)
            else:
                slot = main.popleft()
                if slot.key is not None:
                    hits = slot.mark - slot.untimed
                    frequency = hits - slot.spent
                    if not frequency:
                        return slot
                    slot.spent = hits + 1 - min(frequency, MOST_FREQUENT)
                    main.append(slot)

    def bury(self, held: int) -> None:
        """Take dead slots out of the queues, once they are many.

        Args:
            held: How many slots are alive.
        """
        if len(self) > held + held // 4 + _DEAD_ALLOWED:
            self._small = deque(slot for slot in self._small if slot.key is not None)
            self._main = deque(slot for slot in self._main if slot.key is not None)
