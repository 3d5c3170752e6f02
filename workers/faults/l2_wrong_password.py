"""The fault `l2_wrong_password`: L2's password is rotated, and the cache has the old one.

Connections that are open stay logged in, so all are cut and have to log in anew.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from cache.address import parse_l2_url
from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_note import Note, with_password
from workers.faults.l2_server import admin, breakable_l2
from workers.faults.probe import Probe, is_locked_out

_DEFAULT_USER = "default"


class L2WrongPassword:
    """Gives the user as whom the cache logs in another password."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._user = parse_l2_url(self._l2.url).credentials.username or _DEFAULT_USER
        self._password = secrets.token_hex()
        self._note = Note(ground)
        self._before: tuple[str, ...] = ()

    async def inject(self) -> None:
        """Set another password, and cut all connections."""
        async with admin(self._l2.url) as client:
            await self._note.check(client, self._l2.url)
            self._before = _rules(await client.acl_getuser(self._user))
            await self._note.write(client, user=self._user, rules=self._before)
            await client.execute_command(
                *("ACL", "SETUSER", self._user, "resetpass", f">{self._password}")
            )
            for kind in ("normal", "pubsub"):
                await client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    async def undo(self) -> None:
        """Set the passwords that it had, known by their hashes alone."""
        if self._before:
            async with admin(with_password(self._l2.url, self._user, self._password)) as client:
                await client.execute_command("ACL", "SETUSER", self._user, *self._before)
                await self._note.remove(client)

    async def is_effective(self) -> bool:
        """Whether who logs in as before may do nothing."""
        return await is_locked_out(self._l2.url)

    async def is_cleared(self) -> bool:
        """Whether who logs in as before is answered."""
        return await Probe(self._l2.url).answers()


def _rules(user: Mapping[str, Any]) -> tuple[str, ...]:
    """What sets the passwords of a user as they are."""
    if "nopass" in user["flags"]:
        return ("nopass",)
    return ("resetpass", *(f"#{each}" for each in user["passwords"]))
