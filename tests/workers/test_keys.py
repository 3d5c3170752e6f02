"""Key distributions: each is held against its law by a chi-squared test."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.load import KeyChoice
from workers.keys import key_stream
from workers.randomness import KEYS, SCRAMBLE, random_stream

DRAWS = 200_000
Z_9999 = 3.719


def _drawn(
    choice: KeyChoice,
    keys: int,
    count: int = DRAWS,
    *,
    user: int = 0,
    users: int = 1,
    seed: int = 7,
) -> NDArray[np.int64]:
    random = random_stream(seed, KEYS, 0, user)
    stream = key_stream(choice, keys, seed=seed, user=user, users=users, random=random)
    halves = [stream.take(np.full(each, keys)) for each in (count // 2, count - count // 2)]
    return np.concatenate(halves)


def _fits(drawn: NDArray[np.int64], weights: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether the chi-squared statistic lies below the 99.99 % quantile of its distribution.

    The quantile is Wilson and Hilferty's (1931); for 49 degrees of freedom, 95.9, as in tables.
    """
    shares = np.asarray(weights, dtype=float)
    expected = len(drawn) * shares / shares.sum()
    assert expected.min() >= 5, "too few draws for a chi-squared test"
    observed = np.bincount(drawn, minlength=len(shares))
    if len(observed) > len(shares):
        return False
    degrees = len(shares) - 1
    spread = 2 / (9 * degrees)
    critical = degrees * (1 - spread + Z_9999 * math.sqrt(spread)) ** 3
    return bool(((observed - expected) ** 2 / expected).sum() < critical)


def _zipf(keys: int, exponent: float) -> NDArray[np.float64]:
    return np.arange(1, keys + 1) ** -exponent


def test_the_test_itself_refuses_what_is_slightly_wrong() -> None:
    """A Zipf of another exponent, one key too often and one key too many are all seen."""
    drawn = _drawn(KeyChoice(distribution="zipf", exponent=0.99), 50)
    assert _fits(drawn, _zipf(50, 0.99))
    assert not _fits(drawn, _zipf(50, 1.02))
    assert not _fits(np.append(drawn, np.full(800, 49)), _zipf(50, 0.99))
    assert not _fits(np.append(drawn, 50), _zipf(50, 0.99))


@pytest.mark.parametrize("exponent", [0.3, 0.99, 1.0, 2.5])
def test_zipf_draws_each_key_as_often_as_its_law_says(exponent: float) -> None:
    """Above and below 1, over a finite number of keys."""
    drawn = _drawn(KeyChoice(distribution="zipf", exponent=exponent), 50)
    assert _fits(drawn, _zipf(50, exponent))


def test_scrambled_zipf_is_zipf_in_another_order_of_keys() -> None:
    """By popularity it is Zipf's law; its most popular keys are the same for every user."""
    choice = KeyChoice(distribution="zipf", exponent=1.2, scrambled=True)
    users = [_drawn(choice, 50, user=user, users=2) for user in range(2)]
    orders = [np.argsort(-np.bincount(each, minlength=50), kind="stable") for each in users]
    assert orders[0][:8].tolist() == orders[1][:8].tolist() != list(range(8))
    places = np.argsort(random_stream(7, SCRAMBLE).permutation(50))
    assert all(_fits(places[each], _zipf(50, 1.2)) for each in users)
    other_seed = _drawn(choice, 50, seed=8)
    assert np.argmax(np.bincount(other_seed)) != orders[0][0]


def test_uniform_draws_all_keys_alike() -> None:
    """Each key has the same share."""
    assert _fits(_drawn(KeyChoice(), 50), np.ones(50))


def test_hotspot_gives_the_first_keys_their_share_of_the_operations() -> None:
    """10 of 50 keys share 80 % evenly, the other 40 the rest."""
    choice = KeyChoice(distribution="hotspot", hot_keys=0.2, hot_operations=0.8)
    assert _fits(_drawn(choice, 50), [0.8 / 10] * 10 + [0.2 / 40] * 40)


def test_where_all_keys_are_hot_a_hotspot_is_uniform() -> None:
    """There is nothing left for the other operations."""
    choice = KeyChoice(distribution="hotspot", hot_keys=1.0, hot_operations=0.5)
    assert _fits(_drawn(choice, 50), np.ones(50))


def test_a_moving_hotspot_is_a_hotspot_elsewhere_after_each_window() -> None:
    """The window moves on by its own width and comes round again."""
    choice = KeyChoice(distribution="moving_hotspot", hot_keys=0.3, move_every=40_000)
    drawn = _drawn(choice, 50)
    shares = np.array([0.8 / 15] * 15 + [0.2 / 35] * 35)
    for window, part in enumerate(np.split(drawn, 5)):
        assert _fits(part, np.roll(shares, 15 * window))
        assert not _fits(part, np.roll(shares, 15 * (window + 1)))


@pytest.mark.parametrize("inserted", [0, 30])
def test_latest_draws_by_age(inserted: int) -> None:
    """The newest key is Zipf's first, whether it was planned or inserted since."""
    choice = KeyChoice(distribution="latest", exponent=0.8)
    stream = key_stream(choice, 50, seed=7, user=0, users=1, random=random_stream(7, KEYS, 0))
    drawn = stream.take(np.full(DRAWS, 50 + inserted))
    assert _fits(49 + inserted - drawn, _zipf(50, 0.8))


@pytest.mark.parametrize("hot_operations", [0.8, 0.55, 0.4])
def test_exponential_gives_the_hot_keys_their_share_and_falls_evenly(
    hot_operations: float,
) -> None:
    """Of 50 keys the first 25 get (1 - q^25) / (1 - q^50) = 1 / (1 + q^25) of the operations."""
    choice = KeyChoice(distribution="exponential", hot_keys=0.5, hot_operations=hot_operations)
    ratio = (1 / hot_operations - 1) ** (1 / 25)
    assert _fits(_drawn(choice, 50), ratio ** np.arange(50))


def test_an_exponential_of_equal_shares_is_uniform_and_of_all_is_steep() -> None:
    """Half of the operations on half of the keys; and all on a tenth of them."""
    even = KeyChoice(distribution="exponential", hot_keys=0.5, hot_operations=0.5)
    assert _fits(_drawn(even, 50), np.ones(50))
    steep = KeyChoice(distribution="exponential", hot_keys=0.1, hot_operations=1.0)
    assert _drawn(steep, 1_000).max() < 100


def test_sequential_users_share_all_keys_and_start_again() -> None:
    """Each key comes once before any comes twice, whoever asks for it."""
    choice = KeyChoice(distribution="sequential")
    shares = [_drawn(choice, 10, 4, user=user, users=3).tolist() for user in range(3)]
    assert shares == [[0, 3, 6, 9], [1, 4, 7, 1], [2, 5, 8, 2]]


def test_more_sequential_users_than_keys_still_have_one_each() -> None:
    """A user beyond the last key begins at the first again."""
    assert _drawn(KeyChoice(distribution="sequential"), 3, 2, user=4, users=5).tolist() == [1, 1]


@pytest.mark.parametrize(
    "distribution",
    ["uniform", "zipf", "hotspot", "latest", "sequential", "exponential", "moving_hotspot"],
)
def test_a_stream_does_not_depend_on_how_it_is_cut(distribution: str) -> None:
    """1,000 keys at once are the same as 1,000 in pieces; there is one key, if need be."""
    choice = KeyChoice(distribution=distribution, move_every=7)

    def drawn(keys: int, *counts: int) -> list[int]:
        random = random_stream(3, KEYS, 0)
        stream = key_stream(choice, keys, seed=3, user=0, users=1, random=random)
        return np.concatenate([stream.take(np.full(count, keys)) for count in counts]).tolist()

    assert drawn(90, 1_000) == drawn(90, 1, 409, 0, 590)
    assert drawn(1, 5) == [0] * 5


def test_users_have_streams_of_their_own() -> None:
    """Another user draws other keys."""
    first, second = (_drawn(KeyChoice(), 1_000, 50, user=user) for user in range(2))
    assert first.tolist() != second.tolist()
