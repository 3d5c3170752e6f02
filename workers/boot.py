"""Becomes Dramatiq's own command, in a process that is told to stop when its supervisor dies."""

import os
import signal
import sys

from dramatiq.cli import main

from workers.parent import die_with_parent
from workers.slot import SUPERVISOR_VARIABLE

if __name__ == "__main__":
    die_with_parent(signal.SIGTERM)
    # The supervisor may have died before the line above.
    if os.getppid() != int(os.environ[SUPERVISOR_VARIABLE]):
        sys.exit("the supervisor is gone")
    sys.exit(main())  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
