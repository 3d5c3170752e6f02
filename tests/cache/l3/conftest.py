"""Fixtures of L3's tests: an empty database of each kind."""

from collections.abc import AsyncIterator

import pytest

from cache.l3.sql import SqlTier
from tests.cache.l3.databases import BOTH, opened, url_of


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return url_of(request)


@pytest.fixture
async def tier(url: str) -> AsyncIterator[SqlTier]:
    """L3 in the namespace `s`."""
    async with opened(url) as tier:
        yield tier
