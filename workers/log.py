"""What workers and supervisors say: one line an event, on standard error."""

import logging
import sys

from pipeline.broker import QUEUE

_LOGGER = logging.getLogger("tierbench")
_SILENT = logging.CRITICAL + 1


def set_up(who: str) -> None:
    """Write events to standard error, marked with who says them; quieten Dramatiq.

    Args:
        who: Such as `supervisor` or `worker 1`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s {who}: %(message)s", "%H:%M:%S"))
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    logging.getLogger("dramatiq").setLevel(logging.WARNING)
    # The supervisor says once that the broker is away; consumers would say it all the time.
    for queue in (QUEUE, f"{QUEUE}.DQ"):
        logging.getLogger(f"dramatiq.worker.ConsumerThread({queue})").setLevel(_SILENT)


def event(text: str) -> None:
    """Say that something happened."""
    _LOGGER.info(text)
