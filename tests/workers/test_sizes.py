"""How large values are: each distribution is the one that its name says."""

import math

import numpy as np
import pytest

from pipeline.data import Sizes
from workers.sizes import size_of

KEYS = [f"simple:{number}" for number in range(4_000)]


def _drawn(sizes: Sizes, seed: int = 1) -> list[int]:
    return [size_of(sizes, seed, key) for key in KEYS]


def test_a_fixed_size_is_that_size() -> None:
    """For every key."""
    assert set(_drawn(Sizes(bytes=17))) == {17}


def test_uniform_sizes_reach_from_end_to_end() -> None:
    """Each size in between is as likely as any other, both ends included."""
    counts = np.bincount(_drawn(Sizes(distribution="uniform", min_bytes=10, max_bytes=19)))
    assert counts[:10].sum() == 0
    expected = len(KEYS) / 10
    chi_squared = ((counts[10:] - expected) ** 2 / expected).sum()
    assert len(counts) == 20
    assert chi_squared < 27.9  # 99.9 % of the distribution with 9 degrees of freedom


def test_lognormal_sizes_have_their_median_and_spread() -> None:
    """The logarithm is normal: its mean, its deviation and a quarter on each side of the bulk."""
    sizes = Sizes(distribution="lognormal", bytes=2_000, sigma=0.5, max_bytes=1 << 20)
    logarithms = np.log(_drawn(sizes))
    assert logarithms.mean() == pytest.approx(math.log(2_000), abs=0.03)
    assert logarithms.std() == pytest.approx(0.5, rel=0.05)
    upper = math.log(2_000) + 0.6745 * 0.5
    assert (logarithms > upper).mean() == pytest.approx(0.25, abs=0.03)


def test_lognormal_sizes_stay_within_their_bounds() -> None:
    """What is drawn beyond them is held at them."""
    sizes = Sizes(distribution="lognormal", bytes=100, sigma=2.0, min_bytes=50, max_bytes=300)
    drawn = _drawn(sizes)
    assert (min(drawn), max(drawn)) == (50, 300)


def test_sizes_depend_on_the_seed_and_the_key_alone() -> None:
    """The same again, another with another seed."""
    sizes = Sizes(distribution="uniform", min_bytes=0, max_bytes=1 << 20)
    assert _drawn(sizes) == _drawn(sizes)
    assert _drawn(sizes) != _drawn(sizes, seed=2)
