"""The keys that a tier missed: kept one by one up to a bound, then all."""

from cache.missed import MissedKeys


def test_keys_are_taken_once() -> None:
    """What was taken is no longer owed."""
    missed = MissedKeys()
    missed.add(["a", "b"])
    everything, keys = missed.take()
    assert (everything, sorted(keys)) == (False, ["a", "b"])
    assert not missed


def test_past_the_bound_everything_is_missed() -> None:
    """More keys than can be remembered mean the whole namespace."""
    missed = MissedKeys(limit=2)
    missed.add(["a", "b", "c"])
    assert missed.take() == (True, [])
