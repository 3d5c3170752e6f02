"""The fault `l2_stop`: the job's own L2 server is frozen by SIGSTOP, then continued.

Its connections stay open and accept bytes, but nothing answers: what timeouts are for.
"""

from pipeline.servers import Server


class L2Stop:
    """Freezes a server and lets it run on."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def inject(self) -> None:
        """SIGSTOP."""
        self._server.pause()

    def undo(self) -> None:
        """SIGCONT."""
        self._server.resume()
