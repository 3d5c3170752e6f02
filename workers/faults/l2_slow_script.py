"""The fault `l2_slow_script`: a script keeps L2 busy, so that it answers nobody.

After the server's `busy-reply-threshold`, 5 s unless configured, it answers all with BUSY instead.
"""

import asyncio
from contextlib import AsyncExitStack, suppress

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_server import breakable_l2
from workers.faults.probe import Probe
from workers.faults.wire import wire_to

# TIME stands still while a script runs, so it counts the processor's time. It writes nothing, so
# that it can be killed, and ends by itself also where nobody is left to end it.
_BUSY = b"local ends = os.clock() + ARGV[1] repeat until os.clock() > ends"
_MARGIN_S = 0.2
_THRESHOLD_S = 5.0


class L2SlowScript:
    """Runs a script that does nothing for as long as the fault lasts."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._busy_s = plan.duration_s + _MARGIN_S
        self._caller = AsyncExitStack()

    async def inject(self) -> None:
        """Send the script on a connection that stays, and don't wait for its reply."""
        wire = await self._caller.enter_async_context(wire_to(self._l2.url))
        await wire.sign_in()
        wire.send(b"EVAL", _BUSY, b"0", str(self._busy_s).encode())

    async def undo(self) -> None:
        """Have it killed; the server hears that once it has ended, or is past its threshold."""
        async with self._caller:
            with suppress(OSError):  # A timeout is one of them: then it ends by itself.
                async with (
                    asyncio.timeout(self._busy_s + _THRESHOLD_S),
                    wire_to(self._l2.url) as wire,
                ):
                    await wire.sign_in()
                    await wire.ask(b"SCRIPT", b"KILL")

    async def is_effective(self) -> bool:
        """Whether the server is silent, or says that it is busy."""
        return not await Probe(self._l2.url).answers()

    async def is_cleared(self) -> bool:
        """Whether it answers."""
        return await Probe(self._l2.url).answers()
