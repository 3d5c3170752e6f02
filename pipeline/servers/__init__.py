"""Redis and Valkey servers that Tierbench starts by itself, and may break."""

from pipeline.servers.base import Server, ServerKind, make_server
from pipeline.servers.embedded import EmbeddedServer

__all__ = ["EmbeddedServer", "Server", "ServerKind", "make_server"]
