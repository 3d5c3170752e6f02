"""The data generator."""

import json

import pytest

from workers.data import KINDS, CacheTestDataGenerator


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_a_pure_function_that_json_keeps(kind: str) -> None:
    """Two generators of one seed agree, and JSON gives back what was put in."""
    value = CacheTestDataGenerator(5).value(kind, f"{kind}:3", 2)
    assert value == CacheTestDataGenerator(5).value(kind, f"{kind}:3", 2)
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_values_are_equal(kind: str) -> None:
    """Keys, revisions and seeds all make a difference, or a stale read could pass as fresh."""
    values = [
        CacheTestDataGenerator(seed).value(kind, f"{kind}:{key}", revision)
        for seed in range(3)
        for key in range(20)
        for revision in range(5)
    ]
    assert len({json.dumps(value) for value in values if isinstance(value, str)}) == sum(
        isinstance(value, str) for value in values
    )
    by_key_and_revision = values[:100]
    assert all(
        one != other
        for position, one in enumerate(by_key_and_revision)
        for other in by_key_and_revision[position + 1 :]
    )


def test_a_dataset_has_the_size_and_keys_that_the_seed_shows() -> None:
    """`generate_test_dataset(size=100, data_type='users')` gives a hundred users by key."""
    dataset = CacheTestDataGenerator().generate_test_dataset(size=100, data_type="users")
    assert list(dataset)[:2] == ["users:0", "users:1"]
    assert len(dataset) == 100
    assert "email" in dataset["users:99"]


def test_an_unknown_set_is_named_with_the_known_ones() -> None:
    """A mistake gets one clear line."""
    with pytest.raises(ValueError, match="called 'cars'; there are simple, users"):
        CacheTestDataGenerator().generate_test_dataset(1, "cars")
