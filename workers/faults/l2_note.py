"""How a server that others use was before a fault, noted on that server itself.

The fault's worker may be killed; then the job's next attempt finds the note, wherever it is made,
and puts all back. The note is a user of the server's, with the text as the pattern of its keys, who
may do nothing but put a password back. Unlike a key it is neither evicted nor flushed nor refused
by a replica, and it lives for as long as what it tells of: until the server is started again.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from redis.exceptions import ResponseError

from cache.address import parse_l2_url
from pipeline.fault import FaultKind
from pipeline.servers.identity import server_identity
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.faults.l2_server import admin
from workers.faults.probe import is_locked_out

NOTE: Final = "tierbench-fault"
"""The name of the user that is the note."""

NOTED: Final[frozenset[FaultKind]] = frozenset({"l2_memory", "l2_read_only", "l2_wrong_password"})
"""The kinds whose traces a server would keep."""

_CREDENTIALS: Final = {"username", "password"}
# Where nobody needs a password any will do, but a user's name goes with one.
_ANY: Final = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How a server was.

    Args:
        namespace: Of the attempt whose fault has changed it.
        settings: What was configured, by name.
        is_replica: Whether the fault has made it a replica, which it was not.
        user: Whose password was changed; nothing where nobody's was.
        rules: Set that user's passwords as they were.
    """

    namespace: str
    settings: Mapping[str, str] = field(default_factory=dict)
    is_replica: bool = False
    user: str = ""
    rules: Sequence[str] = ()


class Note:
    """The note of one fault; none is needed of a server that ends with its job.

    Args:
        ground: With the attempt's namespace and its L2.
    """

    def __init__(self, ground: Ground) -> None:
        self._namespace = ground.namespace
        self._is_needed = ground.l2 is not None and ground.l2.server is None

    async def check(self, client: Any, url: str) -> None:
        """See that nobody else is breaking the server, or has died of it.

        Raises:
            FaultError: There is a note; each would take what the other has set for how it was.
        """
        if self._is_needed and (found := await _read(client)) is not None:
            raise FaultError(
                f"{server_identity(url)}: a fault of {found.namespace} is there; where that job "
                f"has ended, put back what it has set and send ACL DELUSER {NOTE}"
            )

    async def write(self, client: Any, **before: Any) -> None:
        """Note how the server is; the arguments are those of `Before`."""
        if self._is_needed:
            noted = Before(namespace=self._namespace, **before)
            text = quote(json.dumps(asdict(noted)), safe="")
            # Who has only the old password logs in as the note.
            login = ("on", *noted.rules, "+acl", "+select") if noted.user else ()
            await client.execute_command("ACL", "SETUSER", NOTE, "reset", *login, f"~{text}")

    async def remove(self, client: Any) -> None:
        """Remove it: all is as it was."""
        if self._is_needed:
            await client.execute_command("ACL", "DELUSER", NOTE)


async def put_back(url: str, namespaces: Collection[str]) -> None:
    """Put back what a fault has changed whose worker was killed.

    Args:
        url: Of the server, with the credentials from before.
        namespaces: Of attempts that have ended; what others have changed stays.

    Raises:
        FaultError: The server does not answer.
    """
    if not namespaces:
        return
    password = parse_l2_url(url).credentials.password or _ANY
    asked = with_password(url, NOTE, password) if await is_locked_out(url) else url
    if await _has_restored(asked, namespaces):
        # Who is logged in as the note would be cut off.
        async with admin(url) as client:
            await client.execute_command("ACL", "DELUSER", NOTE)


async def _has_restored(url: str, namespaces: Collection[str]) -> bool:
    async with admin(url) as client:
        try:
            before = await _read(client)
        except ResponseError:
            return False  # Who may not read notes, or has a server without users, has written none.
        if before is None or before.namespace not in namespaces:
            return False
        await _restore(client, before)
        return True


async def _restore(client: Any, before: Before) -> None:
    if before.user:
        await client.execute_command("ACL", "SETUSER", before.user, *before.rules)
    if before.is_replica:
        await client.execute_command("REPLICAOF", "NO", "ONE")
    for name, value in before.settings.items():
        await client.config_set(name, value)


async def _read(client: Any) -> Before | None:
    for line in await client.acl_list():
        words = (line.decode() if isinstance(line, bytes) else line).split()
        if words[:2] == ["user", NOTE]:
            text = next(word for word in words[2:] if word.startswith("~"))
            return Before(**json.loads(unquote(text[1:])))
    return None


def with_password(url: str, user: str, password: str) -> str:
    """The URL for another user.

    Args:
        url: Of a server.
        user: Its name.
        password: Its password.
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    options = [pair for pair in parse_qsl(parts.query) if pair[0] not in _CREDENTIALS]
    userinfo = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{userinfo}@{place}", query=urlencode(options)).geturl()
