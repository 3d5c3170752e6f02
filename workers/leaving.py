"""A worker process that was told to stop takes no further job."""

from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.middleware import SkipMessage


class Leaving(Middleware):
    """Skips what comes after the word to stop; a supervisor will send it again.

    Dramatiq interrupts what is being done at that word, but its thread may take one message more,
    which nothing would interrupt.
    """

    def __init__(self) -> None:
        self._told = False

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:  # noqa: ARG002 - Dramatiq's
        """Take note."""
        self._told = True

    def before_process_message(self, broker: Broker, message: Any) -> None:  # noqa: ARG002 - Dramatiq's
        """Refuse what comes late."""
        if self._told:
            raise SkipMessage("this worker was told to stop")
