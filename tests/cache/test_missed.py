"""The keys that a tier missed: kept one by one up to a bound, then all."""

from cache.missed import MissedKeys


def test_keys_are_taken_once() -> None:
    """What was taken is no longer owed."""
    missed = MissedKeys()
    missed.add({"a": 5, "b": 0})
    missed.add({"a": 3, "b": 7})
    assert missed.take() == (False, {"a": 5, "b": 7})
    assert not missed


def test_past_the_bound_everything_is_missed() -> None:
    """More keys than can be remembered mean the whole namespace."""
    missed = MissedKeys(limit=2)
    missed.add({"a": 1, "b": 2, "c": 3})
    assert missed.take() == (True, {})
