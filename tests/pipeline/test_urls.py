"""Service URLs: their secrets stay hidden, and only understood ones pass."""

import pytest

from pipeline.cli.l3 import check_l3
from pipeline.errors import SettingsError
from pipeline.urls import redact_url, redis_url, with_database


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:hunter2@host:1/0", "redis://:***@host:1/0"),
        ("redis://me:hunter2@host", "redis://me:***@host"),
        ("redis://me:a:b@c@host/0", "redis://me:***@host/0"),
        ("redis://me@host/0", "redis://me@host/0"),
        ("unix://:hunter2@/run/redis.sock?db=2", "unix://:***@/run/redis.sock?db=2"),
        ("redis://host/0?password=hunter2&db=1", "redis://host/0?password=***&db=1"),
        (
            "postgresql://u:hunter2@h/d?sslpassword=hunter2",
            "postgresql://u:***@h/d?sslpassword=***",
        ),
        ("redis://me:hun/ter2@host/0", "redis://me:***@host/0"),
        ("redis://:hun#ter2@host/0", "redis://:***@host/0"),
        ("postgresql://u:hun?ter2@h/d", "postgresql://u:***@h/d"),
        ("me:hunter2@host/0", "me:***@host/0"),
        (
            "no answer (redis://a:hunter2@b, rediss://c:hunter2@d)",
            "no answer (redis://a:***@b, rediss://c:***@d)",
        ),
        ("sqlite:///.bench/results.db", "sqlite:///.bench/results.db"),
        ("no URL at all", "no URL at all"),
        ("redis://:hun ter@2@host:1/0", "redis://:***@host:1/0"),
        ("at postgresql://me:hun ter2@host/d: no", "at postgresql://me:***@host/d: no"),
        ("redis://a:1 and redis://me:hun ter2@b", "redis://a:1 and redis://me:***@b"),
        ("redis://me:hun ter2@b and redis://a:1", "redis://me:***@b and redis://a:1"),
        ("host=h password=hunter2 user=me", "host=h password=*** user=me"),
        ("host=h password='hun ter2' user=me", "host=h password=*** user=me"),
    ],
)
def test_a_password_is_hidden_and_the_rest_is_kept(url: str, expected: str) -> None:
    """What may be shown of a URL names the place, never the secret."""
    assert redact_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h:1/2", "redis://h:1/2"),
        ("rediss://h:1/2", "rediss://h:1/2"),
        ("valkey://u:p@h:1/2", "redis://u:p@h:1/2"),
        ("valkeys://h", "rediss://h"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_a_valkey_url_becomes_one_that_every_client_knows(url: str, expected: str) -> None:
    """Schemes of Valkey are those of Redis by another name."""
    assert redis_url(url, "BENCH_BROKER_URL") == expected


@pytest.mark.parametrize(
    "url",
    [
        "amqp://me:hunter2@h",
        "",
        "host:6379",
        "redis://h:port/0",
        "redis:/h",
        "redis://:hunter2@h/x",
        "redis://:hunter2/@h/0",
        "redis://:#hunter2@h/0",
        "redis://me:hunter2@h:port/0",
        "redis://:hunter2@[h/0",
        "me:hunter2@h",
        "hunter2@h",
        "redis://:hunter2@h?port=6380",
        "redis://:hunter2@h/0?path=/run/redis.sock",
        "unix://:hunter2@/run/redis.sock?host=h",
        "redis//:hunter2@h/0",
        "host=h password=hunter2",
    ],
)
def test_another_url_is_refused_in_one_line(url: str) -> None:
    """The line names the setting and hides the password."""
    with pytest.raises(SettingsError, match=r"^BENCH_BROKER_URL=") as raised:
        redis_url(url, "BENCH_BROKER_URL")
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["postgresql//me:hunter2@h/d", "me:hun@ter2@h/d", "host=h password=hunter2 user=me"]
)
def test_an_l3_that_is_no_url_is_refused_without_its_password(text: str) -> None:
    """As the other services' are."""
    with pytest.raises(SettingsError, match=r"^BENCH_L3_URL=h.*: not a URL of a database") as told:
        check_l3(text)
    assert "ter2" not in str(told.value)


def test_a_server_has_other_databases() -> None:
    """Only the number of the database changes."""
    assert with_database("redis://u:p@h:1/0", 1) == "redis://u:p@h:1/1"
    assert with_database("redis://h", 1) == "redis://h/1"
    assert with_database("redis://h/0?db=3&ssl=1", 1) == "redis://h/1?ssl=1"
    assert with_database("unix:///run/redis.sock", 1) == "unix:///run/redis.sock?db=1"
