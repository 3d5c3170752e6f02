"""A subject in use, by one worker or by all of a group: it leaves nothing of itself behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workers.group import Gathering
from workers.subjects.base import Subject

_DONE = "done"


@asynccontextmanager
async def used_together(subject: Subject, group: Gathering) -> AsyncIterator[None]:
    """Start a subject; at the end its namespace is emptied, once no other shard uses it any more.

    Args:
        subject: This worker's.
        group: All that use the namespace. Where one's work fails, that of all is void.

    Raises:
        InvalidAttemptError: Another shard failed.
    """
    await subject.start()
    try:
        yield
        if group.shard == 0:
            await group.hand_over(_DONE, b"")
    except BaseException:
        await _empty_and_stop(subject)
        raise
    if group.shard == 0:
        await _empty_and_stop(subject)
    else:
        await subject.stop()
        await group.hand_over(_DONE, b"")


async def _empty_and_stop(subject: Subject) -> None:
    try:
        await subject.clear()
    finally:
        await subject.stop()
