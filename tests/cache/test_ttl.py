"""No tier outlives the one below it."""

import pytest

from cache import CacheConfig, InvalidTTLError
from cache.ttl import Lives, TTLs, shorter

REDIS, SQLITE = "redis://localhost", "sqlite:///x.db"


def test_upper_tiers_are_limited_by_lower_ones() -> None:
    """A wish for a longer life in L1 than in L2 or L3 is cut."""
    defaults = TTLs.of(CacheConfig(l2_url=REDIS, l3_url=SQLITE))
    assert defaults == TTLs(300, 300, None)
    assert defaults.replaced(500, None, 100) == TTLs(100, 100, 100)
    assert defaults.under_l3(7) == TTLs(7, 7, 7)


def test_l1_lives_no_longer_than_what_it_was_read_from() -> None:
    """What is left in the tier below, or L1's own time, whichever ends first."""
    lives = Lives(CacheConfig(ttl_jitter=0))
    assert lives.in_upper(300, 3) == 3
    assert lives.in_upper(3, 300) == 3
    assert lives.in_upper(None, 3) == 3
    assert lives.in_upper(3, None) == 3
    assert lives.in_upper(None, None) is None


def test_a_value_that_may_be_served_stale_is_kept_for_longer() -> None:
    """In the lowest tier, and in those above that would keep it to its end."""
    config = CacheConfig(
        l2_url=REDIS, l3_url=SQLITE, l3_default_ttl=100, stale_if_error_s=7, ttl_jitter=0
    )
    life = Lives(config).draw(TTLs.of(config).replaced(10, None, None))
    assert (life.fresh_s, life.l1_s, life.l2_s, life.l3_s) == (100, 10, 107, 107)


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
