"""The messages of the queue, and the dead letters: whatever else is found there.

Dramatiq trusts what it fetches. Bytes that are no message end its consumer each time they come; a
message for another queue, or with options of the wrong type, ends its worker's only thread.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

from dramatiq import DecodeError, Message
from dramatiq.brokers.redis import RedisBroker

QUEUE = "tierbench"
RUN_JOB = "run_job"
AGGREGATE_RUN = "aggregate_run"

_LONGEST_BYTES = 4096
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SHOWN = 60
_MESSAGE_ID = "redis_message_id"
_LOGGER = logging.getLogger("tierbench")


class StrictBroker(RedisBroker):
    """A Redis broker that dead-letters what is none of our messages, with a line in the log."""

    def do_fetch(self, queue_name: str, count: int) -> list[bytes]:
        """Fetch messages; whoever asks gets only those that it can do something with.

        Args:
            queue_name: Where from.
            count: How many at most.
        """
        fetched: list[bytes | None] = self._dispatch("fetch")(queue_name, count)  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
        return [data for data in fetched if data is not None and self._keeps(queue_name, data)]

    def _keeps(self, queue_name: str, data: bytes) -> bool:
        fault = fault_of(data)
        if fault is not None:
            _LOGGER.warning("a message was moved to the dead letters: %s", fault)
            self._dead_letter(queue_name, data)
        return fault is None

    def _dead_letter(self, queue_name: str, data: bytes) -> None:
        """Move what was fetched just now; only its bytes are known, not under which id it lay."""
        held = self.client.smembers(f"{self.namespace}:__acks__.{self.broker_id}.{queue_name}")
        for message_id in held:
            if self.client.hget(f"{self.namespace}:{queue_name}.msgs", message_id) == data:
                self._dispatch("nack")(queue_name, message_id)  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped


def fault_of(data: bytes) -> str | None:
    """What is wrong with a fetched message; None where it is one of ours.

    Args:
        data: As it lay in the queue.
    """
    if len(data) > _LONGEST_BYTES:
        return f"it has {len(data):,} bytes"
    try:
        message: Message[None] = Message.decode(data)
    except DecodeError:
        return f"it is no message: {_shown(data)}"
    return next(_faults(message), None)


def _faults(message: "Message[None]") -> Iterator[str]:
    if message.queue_name != QUEUE:
        yield f"its queue is {_shown(message.queue_name)}"
    if message.actor_name not in (RUN_JOB, AGGREGATE_RUN):
        yield f"its actor is {_shown(message.actor_name)}"
    if message.kwargs != {} or len(message.args) != 1 or not _is_id(message.args[0]):
        yield f"its arguments are {_shown(message.args)} and {_shown(message.kwargs)}"
    if not isinstance(message.options, dict) or message.options.keys() != {_MESSAGE_ID}:
        yield f"its options are {_shown(message.options)}"
    elif not _is_id(message.options[_MESSAGE_ID]):
        yield f"its id in the queue is {_shown(message.options[_MESSAGE_ID])}"
    if not _is_id(message.message_id):
        yield f"its own id is {_shown(message.message_id)}"


def _is_id(found: Any) -> bool:
    return isinstance(found, str) and _ID.fullmatch(found) is not None


def _shown(part: object) -> str:
    told = repr(part)
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."
