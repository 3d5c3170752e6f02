"""The faults `loader_errors` and `loader_none`: a share of the loads raises, or answers None."""

from typing import Literal

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.loader_looks import Loaded, look
from workers.faults.loader_switch import LoaderSwitch


class LoaderShare:
    """Meets a share of the loads.

    Args:
        switch: Of the loader.
        part: Which of its shares is turned.
        share: Above 0 to 1.
        shown_by: How a load ends that is met.
    """

    def __init__(
        self,
        switch: LoaderSwitch,
        part: Literal["error_share", "none_share"],
        share: float,
        shown_by: Loaded,
    ) -> None:
        self._switch = switch
        self._part = part
        self._share = share
        self._shown_by = shown_by

    async def inject(self) -> None:
        """Meet loads from now on."""
        setattr(self._switch, self._part, self._share)

    async def undo(self) -> None:
        """Meet none any more."""
        setattr(self._switch, self._part, 0.0)

    async def is_effective(self) -> bool:
        """Whether any of a few loads is met."""
        return self._shown_by in await look(self._switch)

    async def is_cleared(self) -> bool:
        """Whether none of them is."""
        return self._shown_by not in await look(self._switch)


def loader_errors(plan: Fault, ground: Ground) -> LoaderShare:
    """`loader_errors`: loads raise."""
    return LoaderShare(ground.loader, "error_share", plan.figure("share"), Loaded.RAISED)


def loader_none(plan: Fault, ground: Ground) -> LoaderShare:
    """`loader_none`: loads answer None."""
    return LoaderShare(ground.loader, "none_share", plan.figure("share"), Loaded.NONE)
