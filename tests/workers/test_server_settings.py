"""How servers say that they are set up."""

from pathlib import Path

import redis

from tests.support.servers import EmbeddedRedis
from workers.server_settings import UNKNOWN, server_settings


def test_what_changes_figures_is_told_and_no_password(own_redis: EmbeddedRedis) -> None:
    """Memory, eviction and persistence are; a server's secrets are never asked for."""
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("masterauth", "sesame")
    settings = server_settings(own_redis.url, None)["l2"]
    assert settings["maxmemory"] == "0"
    assert settings["maxmemory-policy"] == "noeviction"
    assert {"save", "appendonly", "io-threads", "hz"} <= set(settings)
    assert "sesame" not in str(settings)


def test_a_server_that_may_not_tell_says_so(own_redis: EmbeddedRedis) -> None:
    """Managed servers forbid CONFIG; that they do is what is kept."""
    with redis.Redis.from_url(own_redis.url) as client:
        client.acl_setuser("guest", enabled=True, nopass=True, commands=["+info", "+ping"])
    url = own_redis.url.replace("redis://", "redis://guest:any@")
    (unknown,) = server_settings(url, None)["l2"].items()
    assert unknown[0] == UNKNOWN
    assert unknown[1].startswith("CONFIG GET: ")


def test_an_sqlite_file_tells_what_it_remembers(sqlite_url: str) -> None:
    """Its journal and its pages are the file's own."""
    settings = server_settings(None, sqlite_url)["l3"]
    assert settings["journal_mode"] == "delete"
    assert int(settings["page_size"]) >= 512


def test_a_database_that_does_not_answer_says_so(tmp_path: Path) -> None:
    """In its own words, on one line."""
    settings = server_settings(None, f"sqlite:///{tmp_path / 'no' / 'such.db'}")["l3"]
    assert settings == {UNKNOWN: "unable to open database file"}
