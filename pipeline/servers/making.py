"""Makes servers of the kinds that there are, with the settings that may be made."""

import re
from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Literal

from pipeline.errors import ServerSettingError
from pipeline.servers.base import L2_SETTINGS
from pipeline.servers.server import Server

ServerKind = Literal["embedded", "docker"]

# Resolved when asked for: Testcontainers takes longer to import than all the rest.
_KINDS: dict[ServerKind, str] = {
    "embedded": "pipeline.servers.embedded:EmbeddedServer",
    "docker": "pipeline.servers.docker:DockerServer",
}
# No blanks and no dash at the begin: on every server's command line a value stays a value.
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def make_server(
    kind: ServerKind,
    settings: Mapping[str, str] | None = None,
    *,
    durable: bool = False,
    folder: Path | None = None,
) -> Server:
    """A server that was not started yet.

    Args:
        kind: Where it runs.
        settings: Its configuration by names of `L2_SETTINGS`, kept over restarts.
        durable: Whether it can come back with its data.
        folder: Where an embedded, durable one makes a folder of its own, which goes with it;
            among the system's temporary files where None.

    Raises:
        ServerSettingError: One of them may not be set.
    """
    make = resolve_name(_KINDS[kind])
    server: Server = make(_options(settings or {}), durable=durable, folder=folder)
    return server


def _options(settings: Mapping[str, str]) -> tuple[str, ...]:
    for name, value in settings.items():
        if name not in L2_SETTINGS:
            raise ServerSettingError(
                f"l2_settings.{name}: may not be set; these may: {', '.join(L2_SETTINGS)}"
            )
        if not _PLAIN_VALUE.fullmatch(value):
            raise ServerSettingError(
                f"l2_settings.{name}: {value!r} is not a plain value such as 64mb"
            )
    return tuple(part for name, value in settings.items() for part in (f"--{name}", value))
