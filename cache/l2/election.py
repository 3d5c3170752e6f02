"""What most of several servers say, without waiting for the dead once that is clear."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Hashable, Iterable
from typing import Any, TypeVar

from coredis.exceptions import RedisError

from cache.errors import TierError

Answer = TypeVar("Answer", bound=Hashable)


async def most_said(questions: Iterable[Coroutine[Any, Any, Answer]]) -> Answer:
    """Ask all at once and return the answer that most of them give.

    Args:
        questions: One for each server; failures of servers and networks are passed over.

    Raises:
        TierError: None was answered; it says why not.
    """
    asking = [asyncio.create_task(question) for question in questions]
    try:
        return await _elected(asking)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def _elected(asking: list[asyncio.Task[Answer]]) -> Answer:
    votes: Counter[Answer] = Counter()
    failures = []
    for task in asyncio.as_completed(asking):
        try:
            answer = await task
        except (RedisError, TierError, OSError, TimeoutError) as error:
            failures.append(str(error) or "no answer in time")
            continue
        votes[answer] += 1
        if votes[answer] > len(asking) // 2:
            return answer
    if not votes:
        raise TierError("; ".join(failures))
    return votes.most_common(1)[0][0]
