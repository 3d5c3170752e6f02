"""Looks at L2 from outside of the subject: one fresh connection each, over within `LOOK_S`."""

import asyncio
from typing import Protocol

from workers.faults.looking import at_most
from workers.faults.probe import Probe
from workers.faults.wire import Wire, wire_to

LOOK_S = 0.1
# A round trip that takes no longer is not late, whatever the fault had been.
QUICK_S = 0.01
_ROUNDS = 3
LONGEST_ECHO_BYTES = 262_144


class Look(Protocol):
    """What shows that a fault is there, and that it is gone."""

    async def is_there(self) -> bool:
        """Whether the fault is seen now."""

    async def is_gone(self) -> bool:
        """Whether all is well again."""


class LateLook:
    """Sees whether answers are late.

    Args:
        url: What is looked at.
        least_s: By how much at least, for the whole round trip.
        echo_bytes: What is sent and comes back; nothing for a PING.
    """

    def __init__(self, url: str, least_s: float, echo_bytes: int = 0) -> None:
        self._url = url
        self._least_s = least_s
        size_bytes = min(echo_bytes, LONGEST_ECHO_BYTES)
        self._words = (b"ECHO", b"x" * size_bytes) if size_bytes else (b"PING",)

    async def is_there(self) -> bool:
        """Whether even the quickest of some round trips is late; an answer that is out is, too."""
        try:
            return await self._quickest_s() >= min(self._least_s, LOOK_S)
        except TimeoutError:
            return True
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def is_gone(self) -> bool:
        """Whether the quickest of some round trips is not late."""
        try:
            return await self._quickest_s() < max(self._least_s, QUICK_S)
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def _quickest_s(self) -> float:
        async with at_most(LOOK_S), wire_to(self._url) as wire:
            await wire.sign_in()
            return min([await self._round_trip_s(wire) for _ in range(self._rounds)])

    @property
    def _rounds(self) -> int:
        """As many as fit into a look, and never one alone: our own loop may have stood still."""
        return _ROUNDS if self._least_s * 2 * _ROUNDS < LOOK_S else 2

    async def _round_trip_s(self, wire: Wire) -> float:
        now_s = asyncio.get_running_loop().time
        sent_s = now_s()
        head = await wire.ask(*self._words)
        if head.startswith(b"$"):
            await wire.reader.readexactly(int(head[1:]) + len(b"\r\n"))
        return now_s() - sent_s


class RefusedLook:
    """Sees whether connections are refused.

    Args:
        url: What is looked at.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_gone = Probe(url).answers

    async def is_there(self) -> bool:
        """Whether a new connection is refused."""
        try:
            async with at_most(LOOK_S), wire_to(self._url):
                return False
        except ConnectionRefusedError:
            return True
        except OSError:
            return False


class ResetLook:
    """Sees whether connections are reset.

    Args:
        url: What is looked at.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_gone = Probe(url).answers

    async def is_there(self) -> bool:
        """Whether a new connection is accepted, and reset when it says something."""
        try:
            async with at_most(LOOK_S), wire_to(self._url) as wire:
                await wire.ask(b"PING")
        except ConnectionResetError:
            return True
        except (OSError, asyncio.IncompleteReadError):
            return False
        return False


class SilentLook:
    """Sees whether connections are accepted and get no answer.

    Args:
        url: What is looked at.
        closes: Whether they may also be closed without one.
    """

    def __init__(self, url: str, *, closes: bool = False) -> None:
        self._url = url
        self._closes = closes
        self.is_gone = Probe(url).answers

    async def is_there(self) -> bool:
        """Whether a new connection waits for its answer in vain."""
        try:
            async with at_most(LOOK_S), wire_to(self._url) as wire:
                await wire.ask(b"PING")
        except TimeoutError:
            return True
        except asyncio.IncompleteReadError as error:
            return self._closes and not error.partial
        except OSError:
            return False
        return False


class CutLook:
    """Sees whether replies are cut.

    Args:
        url: What is looked at.
        after_bytes: So much of what a connection answers may pass.
    """

    def __init__(self, url: str, after_bytes: int) -> None:
        self._url = url
        self._after_bytes = after_bytes

    async def is_there(self) -> bool:
        """Whether a connection ends before the end of a reply that is longer than may pass."""
        try:
            await self._long_reply()
        except (ConnectionResetError, asyncio.IncompleteReadError):
            # TLS calls it a reset where the reply was its own greeting.
            return True
        except OSError:
            return False
        return False

    async def is_gone(self) -> bool:
        """Whether such a reply comes whole."""
        try:
            await self._long_reply()
        except (OSError, asyncio.IncompleteReadError):
            return False
        return True

    async def _long_reply(self) -> None:
        async with at_most(LOOK_S), wire_to(self._url) as wire:
            await wire.sign_in()
            wire.send(b"ECHO", b"x" * (self._after_bytes + 1))
            await wire.reader.readexactly(self._after_bytes + 1)
