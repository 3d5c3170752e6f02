"""What the faults of an attempt can reach: the services behind the subject, and the worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from pipeline.servers import Server
from pipeline.servers.postgresql import PostgresqlServer
from results.records import LostAttempt
from workers.errors import FaultError
from workers.faults.loader_switch import LoaderSwitch
from workers.proxy import Proxy
from workers.statements import Statements
from workers.subjects.base import Subject


def unsupervised() -> NoReturn:
    """Stands in for a worker's end where nobody would start another.

    Raises:
        FaultError: Always.
    """
    raise FaultError("worker_kill: only a worker process that has a supervisor is killed")


@dataclass(slots=True, kw_only=True)
class L2Ground:
    """The subject's L2; after a failover, its servers have turned roles.

    Args:
        url: The server itself, past any proxy.
        server: The job's own server; None where others use it too.
        proxy: What the subject reaches it through; None where it does so directly.
        replica: Follows the job's own server and can take its place; None where none was needed.
        destructible: Whether faults may change the server as a whole: it is the job's own, or the
            worker's user has allowed it by name.
    """

    url: str
    server: Server | None = None
    proxy: Proxy | None = None
    replica: Server | None = None
    destructible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class L3Ground:
    """The subject's L3, the job's own.

    Args:
        url: As the subject gets it, but past any proxy.
        path: The SQLite file; None on PostgreSQL.
        server: The PostgreSQL server; None on SQLite.
        proxy: What the subject reaches the server through; None on SQLite.
        statements: Disturbs the statements that this process sends to SQLite; None on PostgreSQL.
    """

    url: str
    path: Path | None = None
    server: PostgresqlServer | None = None
    proxy: Proxy | None = None
    statements: Statements | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that faults can reach.

    Args:
        namespace: Prefix of the attempt's keys in the shared tiers.
        subject: The cache under test, started.
        seed: Of the job; what is random in a fault follows from it.
        l2: None where the subject has no L2.
        l3: None where the subject has no L3, or shares it with others.
        loader: What disturbs the loader.
        folder: A folder of the attempt's alone, removed with it, also by others after its death.
        kill: Ends this process at once.
        lost: The attempt that this one resumes, where its own fault has killed its worker.
    """

    namespace: str
    subject: Subject
    seed: int
    l2: L2Ground | None = None
    l3: L3Ground | None = None
    loader: LoaderSwitch = field(default_factory=LoaderSwitch)
    folder: Path | None = None
    kill: Callable[[], None] = unsupervised
    lost: tuple[LostAttempt, ...] = ()
