"""The fault `l2_wrong_password`: L2's password is rotated, and the cache has the old one.

Connections that are open stay logged in, so all are cut and have to log in anew.
"""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cache.address import parse_l2_url
from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_server import admin, breakable_l2
from workers.faults.probe import TIMEOUT_S, Probe
from workers.faults.wire import wire_to

_DEFAULT_USER = "default"
_CREDENTIALS = {"username", "password"}


class L2WrongPassword:
    """Gives the user as whom the cache logs in another password."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._user = parse_l2_url(self._l2.url).credentials.username or _DEFAULT_USER
        self._password = secrets.token_hex()
        self._before: tuple[str, ...] = ()

    async def inject(self) -> None:
        """Set another password, and cut all connections."""
        async with admin(self._l2.url) as client:
            self._before = _rules(await client.acl_getuser(self._user))
            await client.execute_command(
                *("ACL", "SETUSER", self._user, "resetpass", f">{self._password}")
            )
            for kind in ("normal", "pubsub"):
                await client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    async def undo(self) -> None:
        """Set the passwords that it had, known by their hashes alone."""
        if self._before:
            async with admin(_with_password(self._l2.url, self._user, self._password)) as client:
                await client.execute_command("ACL", "SETUSER", self._user, *self._before)

    async def is_effective(self) -> bool:
        """Whether who logs in as before may do nothing."""
        try:
            async with asyncio.timeout(TIMEOUT_S), wire_to(self._l2.url) as wire:
                await wire.sign_in()
                return (await wire.ask(b"PING")).startswith(b"-NOAUTH")
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def is_cleared(self) -> bool:
        """Whether who logs in as before is answered."""
        return await Probe(self._l2.url).answers()


def _rules(user: Mapping[str, Any]) -> tuple[str, ...]:
    """What sets the passwords of a user as they are."""
    if "nopass" in user["flags"]:
        return ("nopass",)
    return ("resetpass", *(f"#{each}" for each in user["passwords"]))


def _with_password(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    options = [pair for pair in parse_qsl(parts.query) if pair[0] not in _CREDENTIALS]
    userinfo = f"{quote(user, safe='')}:{password}"
    return parts._replace(netloc=f"{userinfo}@{place}", query=urlencode(options)).geturl()
