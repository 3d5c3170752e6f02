"""The budget: never more turns than stated, in any window."""

import random

import pytest

from cache.budget import Budget
from tests.cache.conftest import ManualClock


@pytest.mark.parametrize("per_s", [0.1, 1, 10, 1_000])
def test_no_window_has_more_turns_than_stated(clock: ManualClock, per_s: float) -> None:
    """However long nobody asked before, and whoever waits how long."""
    randomness = random.Random(1)
    budget = Budget(per_s, clock)
    turns = []
    for _ in range(3_000):
        clock.advance(randomness.choice([0, 0, 0, 0.1, 3]) * randomness.random() / per_s)
        wait_s = budget.reserve(randomness.choice([0, 1 / per_s, 5 / per_s]))
        if wait_s is not None:
            assert wait_s >= 0
            turns.append(clock() + wait_s)
    assert turns == sorted(turns)
    for window in range(2, 50):
        gaps = (later - first for first, later in zip(turns, turns[window:], strict=False))
        assert min(gaps) >= (window - 1e-6) / per_s
    assert len(turns) > 500


def test_a_turn_that_is_too_late_is_not_taken(clock: ManualClock) -> None:
    """Who does not wait for it leaves it to the next."""
    budget = Budget(1, clock)
    assert budget.reserve(0) == 0
    assert budget.reserve(0.5) is None
    assert budget.reserve(1) == 1
    assert budget.reserve(1.5) is None
    clock.advance(2)
    assert budget.reserve(0) == 0


def test_no_budget_allows_nothing(clock: ManualClock) -> None:
    """0 is never."""
    assert Budget(0, clock).reserve(1e9) is None
