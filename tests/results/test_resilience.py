"""What a report shows of each fault, worked by hand."""

import json
from typing import Any

import pytest

from results.accepted import AcceptedAttempt
from results.figures import Figures
from results.resilience import resilience_of
from tests.results.struck_attempts import figures, struck, times, window


def attempt(repeat: int = 0, recover_s: float = 0.5, **changes: Any) -> AcceptedAttempt:
    """One fault: 4 reads before it, 8 during it of which 2 failed, 4 after it."""
    given: dict[str, Any] = {
        "attempt_id": f"a{repeat}",
        "repeat": repeat,
        "group": f"g{repeat}",
        "window_times": (
            times("before", *[1.0] * 4),
            times("during", *[5.0] * 4, tier="l3"),
            times("during", 1.0, 1.0, tier="l1"),
            times("during", 100.0, tier="none", outcome="TimeoutError"),
            times("during", 200.0, tier="none", outcome="ConnectionError"),
            times("after", *[2.0] * 4),
        ),
        "window_figures": figures(
            before__length_s=2,
            before__loads=2,
            before__stale_reads=7,
            before__lost_writes=1,
            before__max_staleness_ms=900,
            during__length_s=2,
            during__loads=6,
            during__stale_reads=3,
            during__overdue_reads=0,
            during__lost_writes=0,
            during__max_staleness_ms=40 + repeat,
            after__length_s=4,
            after__loads=1,
            after__stale_reads=1,
            after__overdue_reads=2,
            after__lost_writes=2,
            after__max_staleness_ms=20,
            detect_s=0.1,
            recover_s=recover_s,
        ),
    }
    return struck(**{**given, **changes})


def test_one_fault_of_one_attempt() -> None:
    """Times, availability and what was found, for the fault and for each part of it."""
    (fault,) = resilience_of(Figures([attempt()]))
    parts = fault.pop("parts")
    (repeat,) = fault.pop("repeats")
    assert fault == {
        "kind": "l2_kill",
        "phase": "load",
        "number": 0,
        "requested_s": 2.0,
        "effective_s": 2.1,
        "cleared_s": 4.0,
        "detect_s": 0.1,
        "recover_s": 0.5,
        "unrecovered_s": None,
        "availability": 0.75,
        "error_rate_by_kind": {"ConnectionError": 0.125, "TimeoutError": 0.125},
        "amplification": 3.0,
        "stale_reads": 4,
        "overdue_reads": 2,
        "lost_writes": 3,
        "max_staleness_ms": 40,
    }
    assert repeat == {"repeat": 0, **{key: fault[key] for key in list(fault)[3:]}}
    during = parts["during"]
    assert during["tiers"] == {"l1": 0.25, "l3": 0.5, "none": 0.25}
    assert (during["all"]["count"], during["ok"]["count"], during["errors"]) == (8, 6, 2)
    assert during["all"]["max_ms"] == pytest.approx(200)
    assert during["ok"]["max_ms"] == pytest.approx(5)
    assert (during["length_s"], during["loads"], during["stale_reads"]) == (2, 6, 3)
    assert [parts[part]["all"]["p99_ms"] for part in ("before", "after")] == pytest.approx([1, 2])


def test_what_was_lost_outside_of_the_parts_counts_too() -> None:
    """Of each worker and repeat the figure of the whole window."""
    known = figures(before__lost_writes=1, during__lost_writes=2, lost_writes=7)
    several = [struck(attempt_id=name, window_figures=known) for name in "ab"]
    (fault,) = resilience_of(Figures(several))
    assert (fault["lost_writes"], fault["parts"]["during"]["lost_writes"]) == (14, 4)


def test_repeats_are_merged_and_shown_each() -> None:
    """Counts add up, the longest and the greatest count, and each repeat stands below."""
    (fault,) = resilience_of(Figures([attempt(), attempt(1, recover_s=1.5)]))
    assert (fault["recover_s"], fault["stale_reads"], fault["max_staleness_ms"]) == (1.5, 8, 41)
    assert (fault["amplification"], fault["availability"]) == (3.0, 0.75)
    assert fault["parts"]["during"]["length_s"] == 4
    assert [(each["repeat"], each["recover_s"]) for each in fault["repeats"]] == [
        (0, 0.5),
        (1, 1.5),
    ]


def test_what_was_not_seen_is_null() -> None:
    """A fault of which nothing came, of a subject that was not checked."""
    lonely = struck(
        fault_windows=(window(effective_s=None, cleared_s=None),),
        window_figures=figures(before__length_s=1.0, before__loads=0.0),
    )
    (fault,) = resilience_of(Figures([lonely]))
    for name in ("detect_s", "recover_s", "availability", "amplification", "lost_writes"):
        assert fault[name] is None, name
    assert fault["parts"]["during"]["tiers"] == {}
    assert fault["parts"]["during"]["loads"] is None


def test_it_is_plain_json() -> None:
    """What is kept is read back the same."""
    found = resilience_of(Figures([attempt()]))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
