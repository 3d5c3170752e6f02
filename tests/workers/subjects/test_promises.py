"""What our cache promises follows from its settings."""

from typing import Any

import pytest

from cache.config import CacheConfig
from pipeline.subject import SubjectSettings
from results.metrics import METRICS
from tests.support.waiting import wait_until_async
from workers.subjects.base import Addresses, Promising, Stepping, Telling
from workers.subjects.multilevel import build
from workers.subjects.promises import promises_of
from workers.subjects.redis_py import build as build_redis_py

L2, L3 = "redis://127.0.0.1:1/0", "sqlite:///l3.db"


def _promised(**config: Any) -> dict[str, float]:
    return promises_of(CacheConfig(**config))


def test_the_default_settings_promise_what_the_docs_say() -> None:
    """No call over a second, nothing older than two, nothing lost."""
    promised = _promised(l2_url=L2, l3_url=L3)
    assert promised == {
        "error_rate": 0.0,
        "fault_availability": 1.0,
        "max_response_time_ms": 1_000.0,
        "max_staleness_ms": 2_000.0,
        "lost_writes": 0.0,
        "time_to_detect_s": 1.25,
        "time_to_recover_s": 2.0,
    }
    assert promised.keys() <= METRICS.keys()


@pytest.mark.parametrize(
    ("config", "max_staleness_ms"),
    [
        ({"l2_url": L2, "l3_url": L3, "max_staleness_s": 0.5}, 500.0),
        ({"l2_url": L2, "l3_url": L3, "coherence": "ttl", "l1_default_ttl": 7.0}, 7_000.0),
        ({"l2_url": L2, "l3_url": L3, "coherence": "ttl", "l1_default_ttl": None}, None),
        ({"l2_url": L2, "l2_default_ttl": 60.0}, 60_000.0),
        ({"l2_url": L2, "l2_default_ttl": None}, None),
        ({"l3_url": L3, "l1_default_ttl": 9.0}, 9_000.0),
        ({"l1_default_ttl": None}, None),
    ],
)
def test_how_old_a_value_may_be_depends_on_who_tells_whom(
    config: dict[str, Any], max_staleness_ms: float | None
) -> None:
    """Where nobody tells, a value lives for its TTL; without one nothing is promised."""
    assert _promised(**config).get("max_staleness_ms") == max_staleness_ms


def test_only_what_is_committed_before_the_answer_is_promised_to_stay() -> None:
    """Neither what one tier has alone nor a write that L3 gets later."""
    assert "lost_writes" not in _promised(l2_url=L2)
    assert "lost_writes" not in _promised(l3_url=L3)
    assert "lost_writes" not in _promised(l2_url=L2, l3_url=L3, l3_write="behind")


def test_without_lower_tiers_there_is_nothing_to_wait_for() -> None:
    """Nothing to notice and nothing to recover from either."""
    promised = _promised()
    assert promised["max_response_time_ms"] == 250.0
    assert not {"time_to_detect_s", "time_to_recover_s"} & promised.keys()


def test_a_client_without_a_copy_is_never_stale() -> None:
    """And that is all it promises."""
    subject = build_redis_py(SubjectSettings(), Addresses(namespace="x", l2_url=L2, l3_url=None))
    assert isinstance(subject, Promising)
    assert dict(subject.promises) == {"max_staleness_ms": 0.0}


def test_only_a_clock_that_will_be_stepped_is_one_that_can_be() -> None:
    """Every other attempt reads the plain one, which is faster."""
    plain = build(SubjectSettings(), Addresses(namespace="x", l2_url=None, l3_url=None))
    assert isinstance(plain, Promising)
    assert not isinstance(plain, Stepping)


async def test_it_tells_of_its_breakers(namespace: str) -> None:
    """By tier, with the state and why."""
    subject = build(SubjectSettings(), Addresses(namespace=namespace, l2_url=L2, l3_url=None))
    told: list[tuple[str, str, str]] = []
    assert isinstance(subject, Telling)
    subject.tell(lambda *turn: told.append(turn))
    await subject.start()
    try:
        await wait_until_async(lambda: told)
    finally:
        await subject.stop()
    what, state, reason = told[0]
    assert (what, state) == ("l2 breaker", "open")
    assert "127.0.0.1:1" in reason
