"""A worker process that was told to stop hands back what it does, and takes no further job."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.middleware import Shutdown, SkipMessage

# Dramatiq gives a coroutine one second, then takes its event loop away; faults take longer to undo.
UNDONE_WITHIN_S = 4.0


class Leaving(Middleware):
    """Ends what is being done at the word to stop, and skips what comes after it.

    Dramatiq's thread may take one message more, which nothing would interrupt. A supervisor will
    send both again.
    """

    def __init__(self) -> None:
        self._told = False
        self._in_hand: _InHand | None = None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Have the current task cancelled at the word to stop, and waited for while it cleans up.

        Raises:
            Shutdown: It was cancelled.
        """
        self._in_hand = in_hand = _InHand()
        try:
            yield
        except asyncio.CancelledError:
            raise Shutdown from None
        finally:
            self._in_hand = None
            in_hand.ended.set()

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:  # noqa: ARG002 - Dramatiq's
        """Take note, and have the task in hand clean up."""
        self._told = True
        in_hand = self._in_hand
        if in_hand is not None:
            in_hand.end(UNDONE_WITHIN_S)

    def before_process_message(self, broker: Broker, message: Any) -> None:  # noqa: ARG002 - Dramatiq's
        """Refuse what comes late."""
        if self._told:
            raise SkipMessage("this worker was told to stop")


class _InHand:
    """The current task, as another thread may end it."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

    def end(self, within_s: float) -> None:
        """Cancel the task, and wait for its end so long."""
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self.ended.wait(within_s)
