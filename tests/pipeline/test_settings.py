"""Settings: flags before the environment before the defaults."""

import pytest
from pydantic import ValidationError

from pipeline.errors import SettingsError
from pipeline.settings import Settings


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER", "L2", "L3", "RESULTS"):
        monkeypatch.delenv(f"BENCH_{name}_URL", raising=False)


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag that was left out leaves the environment's word."""
    monkeypatch.setenv("BENCH_BROKER_URL", "redis://from-environment/0")
    monkeypatch.setenv("BENCH_RESULTS_URL", "sqlite:///from-environment.db")

    settings = Settings.read(broker_url="redis://from-flag/0", results_url=None)

    assert settings.broker_url == "redis://from-flag/0"
    assert settings.results_url == "sqlite:///from-environment.db"


def test_tiers_default_to_the_brokers_server_and_a_file() -> None:
    """Without more addresses L2 is the broker's database 1 and L3 is SQLite."""
    settings = Settings.read(broker_url="redis://h:1/0")
    assert settings.subject_l2_url == "redis://h:1/1"
    assert settings.subject_l3_url == "sqlite:///.bench/l3.db"


def test_another_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment made of settings reads back as them."""
    settings = Settings.read(broker_url="redis://h:1/3", l2_url="redis://h:2/0")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.read() == settings


@pytest.mark.parametrize("flag", ["broker_url", "l2_url"])
def test_an_unusable_url_is_told_in_one_line(flag: str) -> None:
    """What is supported is part of the line; a password is not."""
    with pytest.raises(SettingsError, match=r"expected one of redis://") as raised:
        Settings.read(**{flag: "amqp://me:hunter2@host"})
    assert "hunter2" not in str(raised.value)


def test_settings_never_change() -> None:
    """They were read once and are passed on as they are."""
    with pytest.raises(ValidationError):
        Settings.read().broker_url = "redis://other"


def test_shown_addresses_hide_every_password() -> None:
    """What a command prints has no secret in it."""
    url = "redis://me:hunter2@host/0"
    shown = Settings.read(broker_url=url, results_url="postgresql://me:hunter2@host/db").shown()
    assert set(shown) == {"broker", "l2", "l3", "results"}
    assert not any("hunter2" in address for address in shown.values())
