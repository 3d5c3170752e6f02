"""The fault `l2_kill`: the job's own L2 server dies by SIGKILL and is started again, empty."""

from pipeline.servers import Server


class L2Kill:
    """Kills a server and starts it again on its port."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def inject(self) -> None:
        """SIGKILL."""
        self._server.kill()

    def undo(self) -> None:
        """Start it again."""
        self._server.restart()
