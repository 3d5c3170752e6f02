"""The L2 server's time as far as this process knows it."""

import time
from collections.abc import Awaitable, Callable


class ServerClock:
    """The server's time, estimated from this host's monotonic clock and one ``TIME`` round trip.

    Two hosts' clocks are never compared: expiries are in the server's time, and the estimate's
    error, at most half the round trip, always shortens them.
    """

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._error_s = 0.0

    async def measure(self, ask_time: Callable[[], Awaitable[tuple[bytes, bytes]]]) -> None:
        """Ask the server for its time.

        Args:
            ask_time: Sends ``TIME`` and returns seconds and microseconds.
        """
        sent_s = time.monotonic()
        seconds, microseconds = await ask_time()
        arrived_s = time.monotonic()
        self._error_s = (arrived_s - sent_s) / 2
        self._offset_s = int(seconds) + int(microseconds) / 1e6 - (sent_s + arrived_s) / 2

    def earliest_ms(self) -> float:
        """Return a time that the server has certainly reached."""
        return (time.monotonic() + self._offset_s - self._error_s) * 1000

    def latest_ms(self) -> float:
        """Return a time that the server has certainly not passed."""
        return (time.monotonic() + self._offset_s + self._error_s) * 1000
