"""The job's own L2 server, which faults may break, for as long as its `async with` lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pipeline.scenario import JobSpec
from pipeline.servers import Server, make_server
from workers.threads import run_to_end


@asynccontextmanager
async def own_server(spec: JobSpec) -> AsyncIterator[tuple[Server, str] | None]:
    """Start the server that the scenario asks for; None where it shares the worker's L2.

    Yields:
        The server and its URL.

    Raises:
        ServerSettingError: The scenario asks for settings that may not be set.
    """
    if spec.scenario.l2_server == "shared":
        yield None
        return
    server = make_server(spec.own_server, spec.scenario.l2_settings)
    try:
        yield server, await run_to_end(server.start)
    finally:
        await run_to_end(server.stop)
