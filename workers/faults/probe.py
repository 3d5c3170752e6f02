"""The probes that see whether a server answers, and whom: a fresh connection and one PING each."""

import asyncio

from workers.faults.looking import at_most
from workers.faults.wire import wire_to

TIMEOUT_S = 0.1


class Probe:
    """Asks one server for signs of life, past whatever client and pool its subject has.

    Args:
        url: Its URL, with the credentials to ask with.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    async def answers(self) -> bool:
        """Whether a PING is answered within `TIMEOUT_S`; a refusal is no answer."""
        try:
            async with at_most(TIMEOUT_S), wire_to(self._url) as wire:
                await wire.sign_in()
                return await wire.ask(b"PING") == b"+PONG"
        except (OSError, asyncio.IncompleteReadError):
            return False


async def is_locked_out(url: str) -> bool:
    """Whether who logs in may do nothing.

    Args:
        url: Of a server, with the credentials that are tried.
    """
    try:
        async with at_most(TIMEOUT_S), wire_to(url) as wire:
            await wire.sign_in()
            return (await wire.ask(b"PING")).startswith(b"-NOAUTH")
    except (OSError, asyncio.IncompleteReadError):
        return False
