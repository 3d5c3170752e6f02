"""Redis and Valkey servers that Tierbench starts by itself, and may break."""

from pipeline.servers.base import L2_SETTINGS, Server, ServerKind, make_server
from pipeline.servers.embedded import EmbeddedServer

__all__ = ["L2_SETTINGS", "EmbeddedServer", "Server", "ServerKind", "make_server"]
