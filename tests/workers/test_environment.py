"""Fingerprints and classes of environments."""

import json

from workers.environment import environment_of
from workers.versions import server_versions


def test_the_class_tells_apart_what_must_not_be_compared() -> None:
    """Another kind or major version of a server is another class; a minor version is not."""
    of = [
        environment_of({"l2": version}).environment_class
        for version in ("redis 7.0.15", "redis 7.2.4", "redis 8.0.0", "valkey 7.2.4")
    ]
    assert of[0] == of[1]
    assert len(set(of)) == 3


def test_the_fingerprint_is_whole_and_json() -> None:
    """Machine, system, libraries and servers are in it."""
    fingerprint = environment_of({"l3": "sqlite 3.45.1"}).fingerprint
    assert json.loads(json.dumps(fingerprint)) == fingerprint
    assert fingerprint["cores"] >= 1
    assert fingerprint["libraries"]["dramatiq"]
    assert fingerprint["servers"] == {"l3": "sqlite 3.45.1"}


def test_servers_tell_their_versions(redis_url: str, sqlite_url: str) -> None:
    """Valkey is not taken for the Redis that it calls itself."""
    versions = server_versions(redis_url, sqlite_url)
    assert versions["l2"].startswith("valkey 9.")
    assert versions["l3"].startswith("sqlite 3.")
    assert server_versions(None, None) == {}
