"""The probe that sees whether a server answers: a fresh connection and one PING each time."""

import asyncio

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
            async with asyncio.timeout(TIMEOUT_S), wire_to(self._url) as wire:
                await wire.sign_in()
                return await wire.ask(b"PING") == b"+PONG"
        except (OSError, asyncio.IncompleteReadError):
            return False
