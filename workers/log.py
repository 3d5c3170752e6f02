"""What workers and supervisors say: one line an event, on standard error."""

import logging
import sys

from pipeline.letters import QUEUE
from pipeline.urls import redact_url

_LOGGER = logging.getLogger("tierbench")
_DRAMATIQ = logging.getLogger("dramatiq")
_SILENT = logging.CRITICAL + 1


class _Redacting(logging.Formatter):
    """Hides passwords of URLs, also in the traceback of an error that nobody foresaw."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_url(super().format(record))


def set_up(who: str) -> None:
    """Write events to standard error, marked with who says them; quieten Dramatiq.

    Args:
        who: Such as `supervisor` or `worker 1`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting(f"%(asctime)s {who}: %(message)s", "%H:%M:%S"))
    for logger, level in ((_LOGGER, logging.INFO), (_DRAMATIQ, logging.WARNING)):
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    # The supervisor says once that the broker is away; consumers would say it all the time.
    for queue in (QUEUE, f"{QUEUE}.DQ"):
        logging.getLogger(f"dramatiq.worker.ConsumerThread({queue})").setLevel(_SILENT)


def event(text: str) -> None:
    """Say that something happened."""
    _LOGGER.info(text)
