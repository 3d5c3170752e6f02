r"""The fault `l2_failover`: L2 dies, and after a while its replica serves in its place.

    subject --> proxy --> primary      dies by SIGKILL
                  \\ . . > replica      leads once the fault is over, at the same address

The fault lasts for as long as nobody has noticed: its end is the promotion. What the replica had
not received is lost. The dead one stays so, unless another failover needs it as a replica.
"""

from urllib.parse import urlsplit

from pipeline.fault import Fault
from pipeline.servers import Server
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.faults.l2_server import any_l2
from workers.faults.probe import Probe
from workers.proxy import Proxy, proxied_url
from workers.threads import run_to_end


class L2Failover:
    """Kills the primary; its replica takes over, and another time the other way round."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = any_l2(plan, ground)
        self._is_dead = False
        self._cast()

    async def inject(self) -> None:
        """SIGKILL, once there is a replica that has everything."""
        primary, replica, _ = self._cast()
        if not await Probe(replica.url).answers():
            await run_to_end(replica.restart)
        # Also one that runs may be behind: its primary was killed or had its role turned before.
        await run_to_end(replica.follow, primary)
        self._is_dead = True
        await run_to_end(primary.kill)

    async def undo(self) -> None:
        """Have the replica lead, and the subject led to it; from then on it is the primary."""
        if not self._is_dead:
            return
        primary, replica, proxy = self._cast()
        await run_to_end(replica.lead)
        address = urlsplit(replica.url)
        await proxy.lead_to(str(address.hostname), int(address.port or 0))
        self._l2.server, self._l2.replica, self._l2.url = replica, primary, replica.url

    async def is_effective(self) -> bool:
        """Whether the subject's way leads to nobody."""
        return not await self._leads_to_somebody()

    async def is_cleared(self) -> bool:
        """Whether somebody answers there."""
        return await self._leads_to_somebody()

    async def _leads_to_somebody(self) -> bool:
        *_, proxy = self._cast()
        return await Probe(proxied_url(self._l2.url, proxy)).answers()

    def _cast(self) -> tuple[Server, Server, Proxy]:
        """Who plays the primary and the replica now, and what stands in front of them."""
        l2 = self._l2
        if l2.server is None or l2.replica is None or l2.proxy is None:
            raise FaultError("l2_failover: needs a server of the job's own, a replica and a proxy")
        return l2.server, l2.replica, l2.proxy
