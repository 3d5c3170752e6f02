"""The job's own L3, which faults may break, for as long as its `async with` lasts."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy

from pipeline.scenario import JobSpec
from pipeline.servers.postgresql import MISSING, PostgresqlServer
from pipeline.servers.postgresql_programs import find_programs
from workers.errors import InvalidAttemptError
from workers.faults.ground import L3Ground
from workers.proxy import proxied_url, proxy_of
from workers.slot_folder import SlotFolder
from workers.statements import Statements
from workers.threads import run_to_end

_THROUGH_STATEMENTS = frozenset({"l3_slow", "l3_errors", "l3_full", "l3_gone", "l3_pool"})
_THROUGH_PROXY = frozenset({"l3_slow", "l3_errors"})


@asynccontextmanager
async def own_l3(
    spec: JobSpec, shared_url: str, folder: Path | None
) -> AsyncIterator[tuple[L3Ground | None, str]]:
    """Make the L3 that the scenario asks for, and remove it at the end.

    Args:
        spec: The job.
        shared_url: The worker's L3.
        folder: Of the attempt, where the files of its own one lie; among the system's temporary
            files where None.

    Yields:
        What faults can reach, None where the worker's L3 is used; and the URL for the subject.

    Raises:
        InvalidAttemptError: PostgreSQL's programs are not installed.
        ServiceUnavailableError: PostgreSQL does not start.
    """
    kinds = {fault.kind for fault in spec.scenario.faults}
    if spec.scenario.l3_server == "shared":
        yield None, shared_url
    elif spec.scenario.l3_server == "own":
        with _sqlite(folder, disturbed=bool(kinds & _THROUGH_STATEMENTS)) as ground:
            yield ground, ground.url
    else:
        async with _postgresql(folder, proxied=bool(kinds & _THROUGH_PROXY)) as (ground, url):
            yield ground, url


@contextmanager
def _sqlite(folder: Path | None, *, disturbed: bool) -> Iterator[L3Ground]:
    home = Path(tempfile.mkdtemp(prefix="l3-", dir=folder))
    try:
        # A folder for the file alone, which can be taken away with all that belongs to the file.
        path = home / "l3" / "l3.db"
        path.parent.mkdir()
        url = sqlalchemy.URL.create("sqlite", database=str(path)).render_as_string()
        if disturbed:
            with Statements(path).hooked() as statements:
                yield L3Ground(url=url, path=path, statements=statements)
        else:
            yield L3Ground(url=url, path=path)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _postgresql(folder: Path | None, *, proxied: bool) -> AsyncIterator[tuple[L3Ground, str]]:
    if find_programs() is None:
        raise InvalidAttemptError(MISSING)
    with _home(folder) as home:
        server = PostgresqlServer(home)
        try:
            url = await run_to_end(server.start)
            if proxied:
                async with proxy_of(url) as proxy:
                    ground = L3Ground(url=url, server=server, proxy=proxy)
                    yield ground, proxied_url(url, proxy)
            else:
                yield L3Ground(url=url, server=server), url
        finally:
            await run_to_end(server.stop)


@contextmanager
def _home(folder: Path | None) -> Iterator[Path | None]:
    """A folder that the server's user can reach, which the attempt's is not where we are root."""
    if os.getuid() != 0:
        yield folder
        return
    # Locked while this process lives, and removed by the next worker where it is killed.
    home = SlotFolder()
    try:
        home.path.chmod(0o711)
        yield home.path
    finally:
        home.remove()
