r"""L1: an in-process map under S3-FIFO, read on every call and so kept free of locks and awaits.

             hit twice or more
insert -> small ------------------> main -> out
            |                       ^  \__/ hit: once more round
            +-> ghost (keys only) --+ seen again
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cache.copying import Copier, copier_for
from cache.errors import ConfigError
from cache.tier import MISS, Miss

_SMALL_SHARE: Final = 0.1
_MAX_FREQUENCY: Final = 3
_PROMOTION_FREQUENCY: Final = 2
_NEVER: Final = math.inf


@dataclass(slots=True, eq=False)
class _Slot:
    key: str
    value: Any
    copier: Copier | None
    expires_at: float
    frequency: int = 0
    in_main: bool = False
    live: bool = True


class MemoryTier:
    """A bounded map with expiry. Eviction is S3-FIFO (Yang et al., SOSP 2023).

    A hit raises a counter of at most 3 and moves nothing. New keys enter a small queue of 10 %;
    those read again move to the main queue, the others leave quickly, and a key that returns
    while its ghost is remembered goes straight to the main queue.

    Args:
        l1_max_size: The most entries held, 1 or more.
        clock: Seconds, never going back.

    Raises:
        ConfigError: The size is not a whole number of at least 1.
    """

    def __init__(self, l1_max_size: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        if type(l1_max_size) is not int or l1_max_size < 1:
            raise ConfigError(
                f"l1_max_size is {l1_max_size!r}: give a whole number of at least 1 entry"
            )
        self.max_size = l1_max_size
        self.evictions = 0
        self._clock = clock
        self._small_target = max(1, int(l1_max_size * _SMALL_SHARE))
        self._ghost_limit = l1_max_size - self._small_target
        self._reset()

    def _reset(self) -> None:
        self._slots: dict[str, _Slot] = {}
        self._small: deque[_Slot] = deque()
        self._main: deque[_Slot] = deque()
        self._ghosts: OrderedDict[str, None] = OrderedDict()
        self._live_small = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: str) -> bool:
        """Tell whether ``key`` is held and fresh, without counting as a read of it."""
        slot = self._slots.get(key)
        return slot is not None and slot.expires_at > self._clock()

    def get(self, key: str) -> Any | Miss:
        """Return the value (a copy, where it is mutable) or ``MISS``."""
        slot = self._slots.get(key)
        if slot is None:
            return MISS
        expires_at = slot.expires_at
        if expires_at is not _NEVER and expires_at <= self._clock():
            self._drop(slot)
            return MISS
        if slot.frequency < _MAX_FREQUENCY:
            slot.frequency += 1
        copier = slot.copier
        return slot.value if copier is None else copier(slot.value)

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Store a value for ``ttl`` seconds (None: until evicted or deleted).

        Raises:
            InvalidValueError: The value is mutable and can't be copied.
        """
        copier = copier_for(value)
        kept = value if copier is None else copier(value)
        expires_at = _NEVER if ttl is None else self._clock() + ttl
        slot = self._slots.get(key)
        if slot is None:
            self._insert(_Slot(key, kept, copier, expires_at))
        else:
            slot.value, slot.copier, slot.expires_at = kept, copier, expires_at

    def delete(self, key: str) -> bool:
        """Forget a key and tell whether it was held."""
        slot = self._slots.get(key)
        if slot is None:
            return False
        self._drop(slot)
        return True

    def clear(self) -> None:
        """Forget every key, the ghosts too."""
        self._reset()

    def _insert(self, slot: _Slot) -> None:
        while len(self._slots) >= self.max_size:
            self._evict()
        if slot.key in self._ghosts:
            del self._ghosts[slot.key]
            slot.in_main = True
            self._main.append(slot)
        else:
            self._small.append(slot)
            self._live_small += 1
        self._slots[slot.key] = slot

    def _evict(self) -> None:
        if self._live_small >= self._small_target or self._live_small == len(self._slots):
            self._evict_from_small()
        else:
            self._evict_from_main()

    def _evict_from_small(self) -> None:
        while self._live_small:
            slot = self._small.popleft()
            if not slot.live:
                continue
            self._live_small -= 1
            if slot.frequency < _PROMOTION_FREQUENCY:
                self._remember_ghost(slot.key)
                self._forget(slot)
                return
            slot.frequency = 0
            slot.in_main = True
            self._main.append(slot)

    def _evict_from_main(self) -> None:
        while True:
            slot = self._main.popleft()
            if not slot.live:
                continue
            if not slot.frequency:
                self._forget(slot)
                return
            slot.frequency -= 1
            self._main.append(slot)

    def _forget(self, slot: _Slot) -> None:
        slot.live = False
        del self._slots[slot.key]
        self.evictions += 1

    def _remember_ghost(self, key: str) -> None:
        self._ghosts[key] = None
        if len(self._ghosts) > self._ghost_limit:
            self._ghosts.popitem(last=False)

    def _drop(self, slot: _Slot) -> None:
        """Take out a deleted or expired slot; its place in the queue is swept later."""
        slot.live = False
        slot.value = None
        del self._slots[slot.key]
        if not slot.in_main:
            self._live_small -= 1
        if len(self._small) + len(self._main) > 2 * len(self._slots) + 64:
            self._small = deque(slot for slot in self._small if slot.live)
            self._main = deque(slot for slot in self._main if slot.live)
