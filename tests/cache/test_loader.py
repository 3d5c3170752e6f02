"""Which loaders get the key."""

import functools

import pytest

from cache.loader import load, wants_key


class Database:
    """A loader with methods of every kind."""

    def get(self, key: str) -> str:
        """Take the key."""
        return key

    def everything(self) -> str:
        """Take nothing."""
        return "all"

    async def get_slowly(self, key: str, retries: int = 0) -> str:
        """Take the key and an option."""
        return key

    def __call__(self, key: str) -> str:
        """Take the key, being callable itself."""
        return key


async def _nothing() -> str:
    return "nothing"


@pytest.mark.parametrize(
    ("loader", "expected"),
    [
        (lambda: 1, False),
        (lambda key: key, True),
        (lambda captured=7: captured, False),
        (lambda *keys: keys, False),
        (lambda **options: options, False),
        (Database().get, True),
        (Database().everything, False),
        (Database().get_slowly, True),
        (Database(), True),
        (_nothing, False),
        (functools.partial(lambda key: key, "k"), False),
        (functools.partial(lambda one, key: key, "k"), True),
        ({"k": 1}.get, True),
        (dict, False),
    ],
)
def test_the_key_goes_to_a_loader_that_needs_an_argument(loader: object, expected: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    """A required positional parameter asks for the key, an optional one does not."""
    assert wants_key(loader) is expected


async def test_sync_and_async_loaders_give_the_same() -> None:
    """The result is awaited where it can be."""
    assert await load(Database().get, "k") == "k"
    assert await load(Database().get_slowly, "k") == "k"
    assert await load(_nothing, "k") == "nothing"
