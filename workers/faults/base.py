"""What a fault can do: break something, mend it, and show that it did."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from pipeline import fault
from workers.faults.ground import Ground


class Fault(Protocol):
    """One thing broken on purpose; neither breaking nor mending is trusted without a probe.

    `inject` and `undo` return once they have done their part. Both looks are quick, at most
    0.1 s, and are taken again and again until they say yes.
    """

    async def inject(self) -> None:
        """Break it."""

    async def undo(self) -> None:
        """Mend it; called once after `inject`, also where that raised half-way."""

    async def is_effective(self) -> bool:
        """Look once, from outside of the subject, whether it is broken."""

    async def is_cleared(self) -> bool:
        """Look once whether all is as it was before."""


@runtime_checkable
class Hindsight(Protocol):
    """A fault that nobody sees while it lasts, such as one that stops whoever would look."""

    @property
    def since_ns(self) -> int:
        """When it took effect, on `time.perf_counter_ns`; asked for once a look has said yes."""


FaultFactory = Callable[[fault.Fault, Ground], Fault]
