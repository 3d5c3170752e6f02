"""Becomes Dramatiq's own command, in a process that is told to stop when its supervisor dies."""

import logging
import os
import signal
import sys
from types import FrameType

from dramatiq.cli import main

from workers.parent import die_with_parent
from workers.slot import SUPERVISOR_VARIABLE

# A job in hand has 4 s to undo its faults; Dramatiq's command takes up to 2 s to look.
END_WITHIN_S = 10
# Shells tell of a signal so; any other exit code lies below.
KILLED = 128


class LastWords(logging.Handler):
    """Keeps how Dramatiq's one worker process has died: it logs that, and exits with 1 for all."""

    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.signal = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a process id and an exit code, of which a signal is negative."""
        if isinstance(record.args, tuple) and record.args:
            code = record.args[-1]
            self.signal = -code if isinstance(code, int) and code < 0 else 0


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    """Pass a supervisor's death on as one SIGTERM, and die where that does not end this process.

    The system tells it once for each thread that the supervisor had, and to Dramatiq a second
    SIGTERM means to drop everything. Without a broker its worker would never end: it would try
    to acknowledge its message for ever.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    # The alarm is left to the system, which kills whatever this process is busy with.
    signal.alarm(END_WITHIN_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _stop_once)
    die_with_parent(signal.SIGUSR1, int(os.environ[SUPERVISOR_VARIABLE]))
    last_words = LastWords()
    logging.getLogger("dramatiq.MainProcess").addHandler(last_words)
    exit_code = main()  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
    sys.exit(KILLED + last_words.signal if last_words.signal else exit_code)
