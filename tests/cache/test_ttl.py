"""No tier outlives the one below it."""

import pytest

from cache import CacheConfig, InvalidTTLError
from cache.ttl import TTLs, shorter

REDIS, SQLITE = "redis://localhost", "sqlite:///x.db"


def test_upper_tiers_are_limited_by_lower_ones() -> None:
    """A wish for a longer life in L1 than in L2 or L3 is cut."""
    defaults = TTLs.of(CacheConfig(l2_url=REDIS, l3_url=SQLITE))
    assert defaults == TTLs(300, 300, None)
    assert defaults.replaced(500, None, 100) == TTLs(100, 100, 100)
    assert defaults.under_l3(7) == TTLs(7, 7, 7)
    assert defaults.l1_under_l2(3) == 3


def test_a_tier_that_is_off_limits_nothing() -> None:
    """L1 alone keeps its own TTL, also none."""
    assert TTLs.of(CacheConfig(l1_default_ttl=None)) == TTLs(None, None, None)
    assert TTLs.of(CacheConfig(l1_default_ttl=900)).l1_s == 900


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf"), "10", True])
def test_a_ttl_that_is_not_positive_is_refused(ttl: object) -> None:
    """The argument is named."""
    with pytest.raises(InvalidTTLError, match="l2_ttl is"):
        TTLs(None, None, None).replaced(None, ttl, None)


def test_shorter_treats_none_as_endless() -> None:
    """None is longer than any number."""
    assert shorter(None, None) is None
    assert shorter(None, 3) == shorter(3, None) == shorter(3, 4) == 3
