"""What the tests of faults on L2 share: grounds to stand on, and a look at a fault's whole life."""

from typing import Any

from pipeline.fault import Fault
from pipeline.servers import Server
from tests.support.waiting import wait_until_async
from workers.faults import base
from workers.faults.ground import Ground, L2Ground
from workers.faults.registry import FAULTS
from workers.subjects.null import NullSubject

NAMESPACE = "tierbench:job-1"


def ground_of(l2: L2Ground | None, seed: int = 1) -> Ground:
    """What faults can reach where nothing but L2 is there."""
    return Ground(namespace=NAMESPACE, subject=NullSubject(), seed=seed, l2=l2)


def own(server: Server) -> L2Ground:
    """A server of the job's own, without a proxy."""
    return L2Ground(url=server.url, server=server, destructible=True)


def make(kind: Any, l2: L2Ground | None, seed: int = 1, **figures: Any) -> base.Fault:
    """A fault of that kind, a short one."""
    plan = Fault(kind=kind, at_s=0.0, duration_s=0.2, **figures)
    return FAULTS[kind](plan, ground_of(l2, seed))


async def break_with(fault: base.Fault) -> None:
    """Inject it, and wait until it is seen."""
    await fault.inject()
    await wait_until_async(fault.is_effective, what="the fault")


async def mend(fault: base.Fault) -> None:
    """Undo it, and wait until that is seen."""
    await fault.undo()
    await wait_until_async(fault.is_cleared, what="the fault's end")
