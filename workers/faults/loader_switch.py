"""What disturbs the loader: nothing at first, and then what the faults of the loader say."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random


class LoaderFaultError(Exception):
    """What the loader raises while it fails on purpose."""


@dataclass(slots=True)
class LoaderSwitch:
    """How the loader behaves now; the faults of the loader turn it, each origin asks it.

    Args:
        delay_s: Seconds that each load takes longer.
        error_share: Share of the loads that raise.
        none_share: Share of the loads that answer None.
        hangs_until: While there is one, loads wait until it is set.
        draw: Draws which loads are met.
        looks: Draws which looks are met, so that no look changes which loads are.
        probe: One load that no cache has asked for, through the origin of the phase; None where
            there is none.
    """

    delay_s: float = 0.0
    error_share: float = 0.0
    none_share: float = 0.0
    hangs_until: asyncio.Event | None = None
    draw: Random = field(default_factory=lambda: Random(0))
    looks: Random = field(default_factory=lambda: Random(0))
    probe: Callable[[], Awaitable[object]] | None = None

    async def answers_none(self, draw: Random | None = None) -> bool:
        """Disturb one load: it takes its time, it raises, or it shall answer None.

        Args:
            draw: Draws whether it is met; that of the loads where None.

        Raises:
            LoaderFaultError: It is one of those that fail.
        """
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.hangs_until is not None:
            await self.hangs_until.wait()
        draw = self.draw if draw is None else draw
        if _meets(self.error_share, draw):
            raise LoaderFaultError("the loader fails on purpose")
        return _meets(self.none_share, draw)


def _meets(share: float, draw: Random) -> bool:
    return share > 0.0 and draw.random() < share
