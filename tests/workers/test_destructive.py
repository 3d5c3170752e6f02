"""What a worker's user allows to be broken is told apart by server, not by text."""

import pytest

from pipeline.errors import SettingsError
from pipeline.servers.identity import server_identity
from workers import destructive, supervisor


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("redis://localhost", "redis://127.0.0.1:6379"),
        ("redis://me:secret@LOCALHOST:6379/5?timeout=1", "redis://127.0.0.1:6379"),
        ("rediss://:secret@cache.example:7000", "redis://cache.example:7000"),
        ("valkey://cache.example:7000/1", "redis://cache.example:7000"),
        ("redis://[::1]:7000/1", "redis://[::1]:7000"),
        ("unix:///run/l2.sock?db=1&password=secret", "unix:///run/l2.sock"),
    ],
)
def test_a_server_has_one_identity(url: str, identity: str) -> None:
    """Whoever asks there, and in whatever words; it is a URL of the server itself."""
    assert server_identity(url) == server_identity(identity) == identity


def test_what_is_no_server_has_none() -> None:
    """The line names where it came from, and no password."""
    with pytest.raises(SettingsError, match=r"^here=http://:\*\*\*@x: expected one of redis://"):
        server_identity("http://:secret@x", "here")


def test_no_option_leads_to_another_server_than_was_allowed() -> None:
    """Some clients would take the option for the server's port."""
    with pytest.raises(SettingsError, match="port is no option: write redis://HOST:PORT"):
        server_identity("redis://localhost?port=7000")


def test_a_worker_finds_what_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing where nothing was."""
    monkeypatch.delenv(destructive.ALLOWED_VARIABLE, raising=False)
    assert destructive.allowed_for_destruction() == ()
    told = destructive.allowing_destruction(["redis://a:1", "unix:///b,c"])
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    allowed = destructive.allowed_for_destruction()
    assert allowed == ("redis://a:1", "unix:///b,c")
    assert destructive.is_allowed("rediss://:secret@A:1/3", allowed)
    assert not destructive.is_allowed("redis://a:2", allowed)
    assert not destructive.is_allowed("redis://a:1", ())


def test_a_supervisor_tells_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was started with, and nothing that lay in its environment before."""
    monkeypatch.setenv(destructive.ALLOWED_VARIABLE, "redis://b:2")
    seen = []

    def supervise(*_arguments: object) -> None:
        seen.append(destructive.allowed_for_destruction())

    monkeypatch.setattr(supervisor, "supervise", supervise)
    assert supervisor.main(["--allow-destructive", "redis://a:1"]) == 0
    assert supervisor.main([]) == 0
    assert seen == [("redis://a:1",), ()]
