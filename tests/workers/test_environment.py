"""Fingerprints and classes of environments."""

import json
import platform
import sys

import pytest

from workers import environment
from workers.environment import environment_of, machine, with_settings


def test_the_class_tells_apart_what_must_not_be_compared() -> None:
    """Another kind or major version of a server is another class; a minor version is not."""
    of = [
        environment_of({"l2": version}).environment_class
        for version in ("redis 7.0.15", "redis 7.2.4", "redis 8.0.0", "valkey 7.2.4")
    ]
    assert of[0] == of[1]
    assert len(set(of)) == 3


def test_settings_that_a_scenario_states_are_part_of_the_class() -> None:
    """Whatever their order; without any, the class is the one of the series so far."""
    servers = {"l2": "valkey 9.1.2", "l3": "sqlite 3.45.1"}
    settings = {"maxmemory-policy": "allkeys-lru", "maxmemory": "64mb"}
    without = environment_of(servers).environment_class
    stated = environment_of(servers, stated=settings).environment_class
    assert stated == f"{without} / l2 maxmemory 64mb / l2 maxmemory-policy allkeys-lru"
    assert environment_of(servers, stated=dict(reversed(settings.items()))) == environment_of(
        servers, stated=settings
    )
    fixed = (platform.system(), f"Python {sys.version_info.major}.{sys.version_info.minor}")
    assert without.endswith(" / ".join((*fixed, "l2 valkey 9", "l3 sqlite 3")))
    assert without.startswith(f"{machine()['cpu_model']} / {machine()['cores']} cores / ")


def test_a_limit_is_part_of_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container or a `taskset` that leaves one of the cores is another machine."""
    cores = machine()["cores"]
    monkeypatch.setattr(
        environment, "machine", lambda: {**machine(), "cores": cores, "usable_cores": cores + 1}
    )
    assert f" / limit {cores + 1} of the cores / " in environment_of({}).environment_class


def test_the_fingerprint_is_whole_and_json() -> None:
    """Machine, system, libraries, servers and their configuration, and the code are in it."""
    found = environment_of({"l3": "sqlite 3.45.1"}, code_version="4250158", dirty=False)
    fingerprint = with_settings(found, {"l3": {"journal_mode": "wal"}}).fingerprint
    assert json.loads(json.dumps(fingerprint)) == fingerprint
    assert fingerprint["cores"] >= 1
    assert fingerprint["libraries"]["dramatiq"]
    assert fingerprint["servers"] == {"l3": "sqlite 3.45.1"}
    assert fingerprint["server_settings"] == {"l3": {"journal_mode": "wal"}}
    assert fingerprint["code"] == {"version": "4250158", "dirty": False}
    assert fingerprint["event_loop"] is None


async def test_the_event_loop_is_named() -> None:
    """A loop of another library is another machine, nearly."""
    assert environment_of({}).fingerprint["event_loop"].endswith("EventLoop")
