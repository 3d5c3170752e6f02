"""The L2 of one job: its own server or the worker's, and what faults need around it.

subject --> proxy --> server        past the proxy: faults and probes
              :          |
              : . . > replica
"""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pipeline.fault import FAULTS, FaultKind
from pipeline.scenario import JobSpec
from pipeline.servers import Server, make_server
from workers.destructive import is_allowed
from workers.faults.ground import L2Ground
from workers.faults.l2_note import NOTED, put_back
from workers.proxy import proxied_url, proxy_of
from workers.threads import run_to_end


@asynccontextmanager
async def own_l2(
    spec: JobSpec,
    shared_url: str,
    folder: Path | None,
    allowed: Collection[str],
    leftovers: Collection[str] = (),
) -> AsyncIterator[tuple[L2Ground, str]]:
    """Start what a job's faults need of L2, and end it in every exit path.

    Args:
        spec: What is to be done.
        shared_url: The worker's L2, used where the scenario asks for no server of its own.
        folder: The attempt's; data of a server that has to come back with them lie in it.
        allowed: Servers that the worker's user lets faults break, as `workers.destructive` has
            them.
        leftovers: Namespaces of the job's earlier attempts, whose workers may have been killed.

    Yields:
        What faults can reach, and the URL that the subject is to use.

    Raises:
        FaultError: What an earlier attempt has changed can't be put back.
        ServerSettingError: The scenario asks for settings that may not be set.
        ServiceUnavailableError: A server does not start.
        ServerError: The proxy does not start.
    """
    kinds = {fault.kind for fault in spec.scenario.faults}
    async with AsyncExitStack() as stack:
        if spec.scenario.l2_server == "own":
            ground = await _own(stack, spec, folder, kinds)
        else:
            if kinds & NOTED:
                await put_back(shared_url, leftovers)
            ground = L2Ground(url=shared_url, destructible=is_allowed(shared_url, allowed))
        if not _needs_proxy(kinds):
            yield ground, ground.url
            return
        ground.proxy = await stack.enter_async_context(proxy_of(ground.url))
        yield ground, proxied_url(ground.url, ground.proxy)


async def _own(
    stack: AsyncExitStack, spec: JobSpec, folder: Path | None, kinds: Collection[FaultKind]
) -> L2Ground:
    durable = "l2_kill_with_data" in kinds

    async def started() -> Server:
        server = make_server(
            spec.own_server, spec.scenario.l2_settings, durable=durable, folder=folder
        )
        stack.push_async_callback(run_to_end, server.stop)
        await run_to_end(server.start)
        return server

    server = await started()
    replica = None
    if "l2_failover" in kinds:
        replica = await started()
        await run_to_end(replica.follow, server)
    return L2Ground(url=server.url, server=server, replica=replica, destructible=True)


def _needs_proxy(kinds: Collection[FaultKind]) -> bool:
    return "l2_failover" in kinds or any("l2_proxy" in FAULTS[kind].needs for kind in kinds)
