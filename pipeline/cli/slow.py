"""Lines on stderr about what takes long: nothing of what is done in two seconds."""

import time

from pipeline.cli.errors import say

_QUIET_S = 2.0


class Ticker:
    """Says now and then how far something is; the first time after two seconds."""

    def __init__(self) -> None:
        self._next_s = time.monotonic() + _QUIET_S

    def say(self, line: str) -> None:
        """Say it, unless something was said less than two seconds ago."""
        if time.monotonic() >= self._next_s:
            say(line)
            self._next_s = time.monotonic() + _QUIET_S
