"""Looks at the loader from outside of the subject: loads that no cache has asked for."""

import asyncio
from enum import Enum

from workers.errors import FaultError
from workers.faults.loader_switch import LoaderFaultError, LoaderSwitch
from workers.faults.looking import at_most

LOOK_S = 0.1
# A share of the loads may leave one of them alone.
_LOADS = 8


class Loaded(Enum):
    """How a load ended."""

    WELL = "well"
    NONE = "none"
    RAISED = "raised"
    LATE = "late"


async def look(switch: LoaderSwitch, within_s: float = LOOK_S) -> set[Loaded]:
    """How a few loads end that begin now.

    Args:
        switch: Knows the origin.
        within_s: What takes longer is late.

    Raises:
        FaultError: There is no origin to ask.
    """
    return set(await asyncio.gather(*(_load(switch, within_s) for _ in range(_LOADS))))


async def _load(switch: LoaderSwitch, within_s: float) -> Loaded:
    if switch.probe is None:
        raise FaultError("there is no loader to look at")
    try:
        async with at_most(within_s):
            value = await switch.probe()
    except LoaderFaultError:
        return Loaded.RAISED
    except TimeoutError:
        return Loaded.LATE
    return Loaded.NONE if value is None else Loaded.WELL
