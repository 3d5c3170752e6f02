"""Redis and Valkey servers that Tierbench starts by itself, and may break."""

from pipeline.servers.base import L2_SETTINGS
from pipeline.servers.embedded import EmbeddedServer
from pipeline.servers.making import ServerKind, make_server
from pipeline.servers.server import Server

__all__ = ["L2_SETTINGS", "EmbeddedServer", "Server", "ServerKind", "make_server"]
