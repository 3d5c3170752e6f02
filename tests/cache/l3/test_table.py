"""Keys and tags in a form that a column can hold, and back."""

import pytest

from cache.l3.table import LONGEST_KEY_BYTES, long_key, original_key, row_key

ODD = ["x" * (LONGEST_KEY_BYTES + 1), "ü" * 300, "nul\0byte", "sha256:" + "0" * 64]


@pytest.mark.parametrize("key", ["a", "ключ 🔑", "x" * LONGEST_KEY_BYTES, '"'])
def test_a_plain_key_is_its_own_row(key: str) -> None:
    """A key that a column can hold is stored as it is."""
    assert row_key(key) == key
    assert long_key(key, row_key(key)) is None
    assert original_key(row_key(key), None) == key


@pytest.mark.parametrize("key", ODD)
def test_an_odd_key_is_a_digest_and_comes_back(key: str) -> None:
    """A key that is too long, holds a NUL or looks like a digest is stored beside its digest."""
    row = row_key(key)
    long = long_key(key, row)
    assert len(row) == 71
    assert long is not None
    assert "\0" not in long
    assert original_key(row, long) == key


def test_digests_are_not_taken_for_keys() -> None:
    """No key shares a row with the digest of another."""
    rows = {row_key(key) for key in [*ODD, *map(row_key, ODD)]}
    assert len(rows) == 2 * len(ODD)
