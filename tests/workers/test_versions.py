"""Kinds and versions of servers, as they say themselves."""

import pytest

from workers.errors import ServerError
from workers.versions import server_versions


def test_servers_tell_their_versions(redis_url: str, sqlite_url: str) -> None:
    """Valkey is not taken for the Redis that it calls itself."""
    versions = server_versions(redis_url, sqlite_url)
    assert versions["l2"].startswith("valkey 9.")
    assert versions["l3"].startswith("sqlite 3.")
    assert server_versions(None, None) == {}


@pytest.mark.parametrize(
    ("l2_url", "l3_url", "said"),
    [
        ("redis://user:sesame@127.0.0.1:1/0", None, "L2 does not answer INFO"),
        (None, "postgresql://user:sesame@127.0.0.1:1/no", "L3 does not answer SHOW server_version"),
    ],
)
def test_a_server_that_does_not_answer_is_told(
    l2_url: str | None, l3_url: str | None, said: str
) -> None:
    """In one line, without its password."""
    with pytest.raises(ServerError, match=said) as raised:
        server_versions(l2_url, l3_url)
    assert "\n" not in str(raised.value)
    assert "sesame" not in str(raised.value)
