"""What a fault can do: break something, and mend it."""

from collections.abc import Callable
from typing import Protocol

from pipeline.servers import Server


class Fault(Protocol):
    """One thing broken on purpose; both calls block, and neither is trusted without a probe."""

    def inject(self) -> None:
        """Break it."""

    def undo(self) -> None:
        """Mend it; called once after `inject`, also where that raised half-way."""


FaultFactory = Callable[[Server], Fault]
