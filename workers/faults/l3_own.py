"""What the faults of L3 find: the job's own one, and what stands between it and the cache."""

from pipeline.fault import Fault
from pipeline.servers.postgresql import PostgresqlServer
from workers.errors import FaultError
from workers.faults.ground import Ground, L3Ground
from workers.proxy import Proxy, proxied_url
from workers.statements import Statements


def own(plan: Fault, ground: Ground) -> L3Ground:
    """The job's own L3.

    Raises:
        FaultError: It has none.
    """
    if ground.l3 is None:
        raise FaultError(f"{plan.kind}: the job has no L3 of its own")
    return ground.l3


def hooks(plan: Fault, ground: Ground) -> Statements:
    """What disturbs the statements to the job's own SQLite file.

    Raises:
        FaultError: There is none.
    """
    statements = own(plan, ground).statements
    if statements is None:
        raise FaultError(f"{plan.kind}: nothing stands between the cache and an SQLite file")
    return statements


def postgresql(plan: Fault, ground: Ground) -> PostgresqlServer:
    """The job's own PostgreSQL server.

    Raises:
        FaultError: There is none.
    """
    found = own(plan, ground).server
    if found is None:
        raise FaultError(f"{plan.kind}: the job has no PostgreSQL server of its own")
    return found


def reached_through(plan: Fault, ground: Ground) -> tuple[Proxy, str]:
    """The proxy in front of the job's own PostgreSQL server, and L3's URL through it.

    Raises:
        FaultError: There is none.
    """
    l3 = own(plan, ground)
    if l3.proxy is None:
        raise FaultError(f"{plan.kind}: there is no proxy in front of L3")
    return l3.proxy, proxied_url(l3.url, l3.proxy)
