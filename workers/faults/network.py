"""A fault of the network: conditions put on a proxy's connections, and the look that shows them."""

from workers.faults.l2_looks import Look
from workers.proxy import Conditions, Proxy


class NetworkFault:
    """Disturbs what goes through a proxy.

    Args:
        name: Under which the conditions are in force.
        proxy: Stands between the subject and a server, and was started.
        conditions: What is done to connections.
        look: Sees it through the proxy, on a connection of its own.
    """

    def __init__(self, name: str, proxy: Proxy, conditions: Conditions, look: Look) -> None:
        self._name = name
        self._proxy = proxy
        self._conditions = conditions
        self._look = look

    async def inject(self) -> None:
        """Put the conditions in force, for open and for new connections."""
        await self._proxy.add(self._name, self._conditions)

    async def undo(self) -> None:
        """End them."""
        await self._proxy.remove(self._name)

    async def is_effective(self) -> bool:
        """Look once whether connections are disturbed."""
        return await self._look.is_there()

    async def is_cleared(self) -> bool:
        """Look once whether they are well."""
        return await self._look.is_gone()
