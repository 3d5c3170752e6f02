"""What most say counts, and the dead are not waited for once that is clear."""

import asyncio

import pytest

from cache.errors import ConfigError, TierError
from cache.l2.election import most_said


async def _says(answer: str) -> str:
    await asyncio.sleep(0)
    return answer


async def _is_dead() -> str:
    await asyncio.Event().wait()
    raise AssertionError


async def _fails(error: Exception) -> str:
    raise error


async def test_the_majority_counts() -> None:
    """A minority may be older, and may be asked first."""
    assert await most_said([_says("old"), _says("new"), _says("new")]) == "new"
    assert (
        await most_said([_says("old"), _fails(OSError("x")), _says("new"), _says("new")]) == "new"
    )
    assert await most_said([_fails(TimeoutError()), _says("only")]) == "only"


async def test_a_clear_majority_is_not_kept_waiting() -> None:
    """Nor does the question to the dead go on."""
    await asyncio.wait_for(most_said([_is_dead(), _says("a"), _says("a")]), 30)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_no_answer_at_all() -> None:
    """The error says of each why."""
    with pytest.raises(TierError, match="no answer in time; refused"):
        await most_said([_fails(TimeoutError()), _fails(OSError("refused"))])


async def test_a_mistake_in_the_settings_is_raised() -> None:
    """Others would say the same."""
    with pytest.raises(ConfigError, match="certificate"):
        await most_said([_fails(ConfigError("certificate")), _is_dead()])
    assert asyncio.all_tasks() == {asyncio.current_task()}
