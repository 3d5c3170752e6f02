"""Key distributions."""

import numpy as np
import pytest

from pipeline.scenario import KeyChoice
from workers.keys import key_stream, user_random


def _drawn(choice: KeyChoice, keys: int, count: int, user: int = 0, users: int = 1) -> list[int]:
    random = user_random(7, 0, user)
    stream = key_stream(choice, keys, user=user, users=users, random=random)
    return stream.take(count).tolist()


@pytest.mark.parametrize("exponent", [0.3, 0.99, 1.0, 2.5])
def test_zipf_draws_each_key_as_often_as_its_law_says(exponent: float) -> None:
    """A chi-squared statistic of 50 keys stays below the 99.99 % quantile of 49 degrees."""
    drawn = _drawn(KeyChoice(distribution="zipf", exponent=exponent), 50, 200_000)
    weights = np.arange(1, 51) ** -exponent
    expected = 200_000 * weights / weights.sum()
    observed = np.bincount(drawn, minlength=50)
    assert ((observed - expected) ** 2 / expected).sum() < 96.0


def test_uniform_draws_all_keys_alike() -> None:
    """A chi-squared statistic of 50 keys stays below the 99.99 % quantile of 49 degrees."""
    observed = np.bincount(_drawn(KeyChoice(), 50, 100_000), minlength=50)
    assert ((observed - 2_000) ** 2 / 2_000).sum() < 96.0


def test_sequential_users_share_all_keys_and_start_again() -> None:
    """Each key comes once before any comes twice, whoever asks for it."""
    choice = KeyChoice(distribution="sequential")
    shares = [_drawn(choice, 10, 4, user, 3) for user in range(3)]
    assert shares == [[0, 3, 6, 9], [1, 4, 7, 1], [2, 5, 8, 2]]


def test_more_sequential_users_than_keys_still_have_one_each() -> None:
    """A user beyond the last key begins at the first again."""
    assert _drawn(KeyChoice(distribution="sequential"), 3, 2, user=4, users=5) == [1, 1]


def test_users_have_streams_of_their_own_that_repeat() -> None:
    """The same user draws the same keys again, another one draws others."""
    choice = KeyChoice()
    assert _drawn(choice, 1_000, 50, user=1) == _drawn(choice, 1_000, 50, user=1)
    assert _drawn(choice, 1_000, 50, user=1) != _drawn(choice, 1_000, 50, user=2)
