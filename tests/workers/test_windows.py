"""Fault windows cut into parts, worked by hand: an attempt whose clock begins at 100 s."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pipeline.scenario import Slo
from results.attempt_result import Change, FaultWindow, PhaseSpan
from tests.workers.measuring import NS_PER_S, a_phase
from workers.checker.checked import StaleReads
from workers.measured import MeasuredPhase
from workers.recorder import Code, Samples
from workers.windows import Seen, Windows, windows_of

BEGAN_NS = 100 * NS_PER_S
MS = 0.001
CODES = (Code("get", "l2", "ok"), Code("get", "l3", "ok"), Code("get", "none", "TimeoutError"))
L2, L3, FAILED = range(3)

Row = tuple[float, float, int]


def a_window(*, number: int = 0, phase: str = "load", **times: float | None) -> FaultWindow:
    """A fault asked for at 2 s, at work from 2.1 s to 4 s, unless said otherwise."""
    given: dict[str, Any] = {"requested_s": 2.0, "effective_s": 2.1, "cleared_s": 4.0, **times}
    return FaultWindow(number=number, kind="l2_kill", phase=phase, **given)


def evenly(start_s: float, end_s: float, code: int = L2, time_s: float = MS) -> list[Row]:
    """Ten operations a second, the first at the start."""
    count = round((end_s - start_s) * 10)
    return [(start_s + place / 10, time_s, code) for place in range(count)]


def measured(
    rows: Sequence[Row],
    *windows: FaultWindow,
    start_s: float = 0.0,
    end_s: float = 8.0,
    sent_late_s: float | None = None,
    loads_s: Sequence[float] = (),
    **plan: Any,
) -> MeasuredPhase:
    """A phase with these operations, each with its begin, its time from then and its code."""
    began, took, code = (
        np.array(column) for column in zip(*(rows or [(0.0, 0.0, 0)]), strict=True)
    )
    due_ns = BEGAN_NS + np.rint(began * NS_PER_S).astype(np.int64)
    late_ns = round((sent_late_s or 0.0) * NS_PER_S)
    keep = len(rows)
    samples = Samples(
        start_ns=(due_ns + late_ns)[:keep],
        duration_ns=(np.rint(took * NS_PER_S).astype(np.int64) - late_ns)[:keep],
        code=code.astype(np.int64)[:keep],
        due_ns=None if sent_late_s is None else due_ns[:keep],
    )
    name = plan.setdefault("name", "load")
    warmup = plan.get("warmup", False)
    whole = a_phase(
        planned=plan,
        fault_windows=windows,
        load_began_ns=moments(*loads_s),
    )
    span = PhaseSpan(phase=name, warmup=warmup, start_s=start_s, end_s=end_s)
    fields = {field: getattr(whole, field) for field in whole.__dataclass_fields__}
    return MeasuredPhase(**{**fields, "span": span, "samples": samples})


def moments(*at_s: float) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Seconds of the attempt on the samples' clock."""
    return BEGAN_NS + np.rint(np.array(at_s) * NS_PER_S).astype(np.int64)


def cut(
    *phases: MeasuredPhase,
    slo: Slo | None = None,
    promises: dict[str, float] | None = None,
    **seen: Any,
) -> Windows:
    """The windows of an attempt with these phases."""
    found = Seen(began_ns=BEGAN_NS, codes=CODES, **seen)
    return windows_of(phases, found, slo or Slo(), promises or {})


def figure(windows: Windows, name: str, part: str | None = None, window: int = 0) -> float | None:
    """One figure; None where there is none."""
    found = [
        each.value
        for each in windows.figures
        if (each.window, each.name, each.part) == (window, name, part)
    ]
    return found[0] if found else None


def counts(windows: Windows, window: int = 0) -> dict[tuple[str, str, str], int]:
    """Operations by part, tier and outcome."""
    return {
        (each.part, each.tier, each.outcome): each.histogram.count
        for each in windows.times
        if each.window == window
    }


def test_operations_fall_into_the_part_in_which_they_began() -> None:
    """What began between request and effect belongs to none; edges belong to what they begin."""
    rows = [(1.9, MS, L2), (2.0, MS, L2), (2.1, 3.0, L3), (3.9, MS, FAILED), (4.0, MS, L2)]
    windows = cut(measured(rows, a_window()))
    assert counts(windows) == {
        ("before", "l2", "ok"): 1,
        ("during", "l3", "ok"): 1,
        ("during", "none", "TimeoutError"): 1,
        ("after", "l2", "ok"): 1,
    }
    (slow,) = (each.histogram for each in windows.times if each.tier == "l3")
    assert slow.max_ns == 3 * NS_PER_S


def test_an_attempt_without_faults_has_no_parts() -> None:
    """Nothing is cut where nothing was broken."""
    assert cut(measured(evenly(0, 8))) == Windows((), ())


def test_in_an_open_loop_an_operation_begins_when_it_is_due() -> None:
    """What was due during the fault and sent after it counts to the fault, with its waiting."""
    rows = [(3.9, 0.6, L2)]
    windows = cut(measured(rows, a_window(), sent_late_s=0.5))
    assert counts(windows) == {("during", "l2", "ok"): 1}
    assert windows.times[0].histogram.max_ns == 600_000_000


def test_warm_up_never_counts() -> None:
    """Neither the faults of a warm-up phase nor what was done in it."""
    warm = measured(evenly(0, 2), a_window(phase="fill"), end_s=2, name="fill", warmup=True)
    assert cut(warm) == Windows((), ())
    later = a_window(number=1, requested_s=5.0, effective_s=5.0, cleared_s=6.0)
    windows = cut(warm, measured(evenly(3, 8), later, start_s=3))
    assert figure(windows, "length_s", "before", 1) == pytest.approx(2)
    assert counts(windows, 1)["before", "l2", "ok"] == 20


def test_lengths_leave_out_the_time_between_phases() -> None:
    """A part that spans two phases lasts as long as there was load in it."""
    first = measured(evenly(0, 1), end_s=1, name="steady")
    windows = cut(first, measured(evenly(1.5, 8), a_window(), start_s=1.5))
    assert figure(windows, "length_s", "before") == pytest.approx(1.5)
    assert figure(windows, "length_s", "during") == pytest.approx(1.9)
    assert figure(windows, "length_s", "after") == pytest.approx(4)


def test_loads_are_counted_by_part() -> None:
    """By when each call of the loader began."""
    windows = cut(measured(evenly(0, 8), a_window(), loads_s=(0.5, 2.05, 2.1, 3.0, 4.0)))
    parts = {part: figure(windows, "loads", part) for part in ("before", "during", "after")}
    assert parts == {"before": 1, "during": 2, "after": 1}


def test_what_the_checker_found_is_placed_by_when_it_began() -> None:
    """Stale, overdue and lost by part, and the greatest staleness of each."""
    stale = StaleReads(
        comparable_ns=moments(1.0, 1.1, 3.0, 3.5),
        began_ns=moments(1.0, 3.0, 3.5),
        staleness_ns=np.array([1, 300, 200]) * 1_000_000,
        overdue=np.array([False, True, False]),
    )
    late = StaleReads(
        comparable_ns=moments(5.0),
        began_ns=moments(5.0),
        staleness_ns=np.array([7_000_000]),
        overdue=np.array([False]),
    )
    lost_ns = moments(2.2, 5.0, 5.1)
    phase = measured(evenly(0, 8), a_window())
    windows = cut(phase, stale=(stale, late), lost_ns=lost_ns)
    found = {
        name: [figure(windows, name, part) for part in ("before", "during", "after")]
        for name in ("stale_reads", "max_staleness_ms", "overdue_reads", "lost_writes")
    }
    assert found == {
        "stale_reads": [1, 2, 1],
        "max_staleness_ms": [1, 300, 7],
        "overdue_reads": [0, 1, 0],
        "lost_writes": [0, 1, 2],
    }


def test_what_was_lost_from_a_warm_up_or_between_two_parts_is_a_faults_doing() -> None:
    """Of the first fault what was written at any time before it; of the next what came since."""
    first = a_window()
    following = a_window(number=1, requested_s=5.5, effective_s=5.6, cleared_s=6.0)
    lost_ns = moments(-1.0, 0.5, 2.05, 4.5, 5.55, 7.0)
    windows = cut(measured(evenly(0, 8), first, following), lost_ns=lost_ns)
    parts = [figure(windows, "lost_writes", part) for part in ("before", "during", "after")]
    assert parts == [1, 0, 1]
    assert [figure(windows, "lost_writes", window=number) for number in (0, 1)] == [4, 3]


def test_what_was_not_checked_has_no_figure() -> None:
    """No checker, no promise, no audit: none of them is a count of 0."""
    phase = measured(evenly(0, 8), a_window())
    assert figure(cut(phase), "stale_reads", "during") is None
    windows = cut(phase, stale=(StaleReads(comparable_ns=moments(1.0, 3.0)),))
    assert figure(windows, "stale_reads", "during") == 0
    assert figure(windows, "overdue_reads", "during") is None
    assert figure(windows, "stale_reads", "after") is None
    assert figure(windows, "max_staleness_ms", "after") is None
    assert figure(windows, "lost_writes", "during") is None


BROKEN = [*evenly(0, 2), *evenly(2, 4, FAILED), *evenly(4, 8)]


@pytest.mark.parametrize(
    ("rows", "slo", "promised_ms", "recover_s"),
    [
        pytest.param(BROKEN, Slo(), None, 0.0, id="at once"),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 5.2, FAILED), *evenly(5.2, 8)], Slo(), None, 1.2, id="later"
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 5.2, FAILED), *evenly(5.2, 8)],
            Slo(error_rate=0.3),
            None,
            0.9,
            id="some failures are allowed",
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 5, time_s=0.2), *evenly(5, 8)],
            Slo(p99_ms=100),
            None,
            1.0,
            id="slow seconds",
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 5, time_s=0.2), *evenly(5, 8)],
            Slo(),
            100.0,
            1.0,
            id="slower than promised",
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 5, time_s=0.2), *evenly(5, 8)],
            Slo(),
            None,
            0.0,
            id="no bound",
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(5.5, 8)], Slo(), None, 0.6, id="a second without operations"
        ),
        pytest.param(
            [*evenly(0, 5), (5.05, MS, FAILED), *evenly(5.1, 8)],
            Slo(seconds=2),
            None,
            1.1,
            id="several seconds in a row",
        ),
        pytest.param(
            [*BROKEN[:40], *evenly(4, 7.1, FAILED), *evenly(7.1, 8)], Slo(), None, None, id="never"
        ),
        pytest.param(BROKEN, Slo(seconds=5), None, None, id="too little was left"),
    ],
)
def test_recovery_is_the_first_of_the_seconds_within_the_objective(
    rows: list[Row], slo: Slo, promised_ms: float | None, recover_s: float | None
) -> None:
    """Each second needs operations, few enough failures and a 99th percentile in bounds."""
    promises = {} if promised_ms is None else {"max_response_time_ms": promised_ms}
    windows = cut(measured(rows, a_window()), slo=slo, promises=promises)
    assert figure(windows, "recover_s") == recover_s
    watched_s = max(4.0 - slo.seconds, 0.0)
    assert figure(windows, "unrecovered_s") == (watched_s if recover_s is None else None)


def test_a_worker_that_did_nothing_has_nothing_to_recover() -> None:
    """It is said to have been idle; a worker that only fell silent has not recovered."""
    told = (Change(at_s=2.5, what="health", state="degraded"),)
    idle = cut(measured([], a_window()), changes=told)
    silent = cut(measured(evenly(0, 4), a_window()), changes=told)
    names = ("idle", "detect_s", "recover_s", "unrecovered_s")
    assert [figure(idle, name) for name in names] == [1, None, None, None]
    assert [figure(silent, name) for name in names] == [None, pytest.approx(0.4), None, 3]


def test_one_in_a_hundred_may_be_slow() -> None:
    """The second's 99th percentile is what counts, not its maximum."""
    quick = [(4 + place / 200, MS, L2) for place in range(198)]
    slow = [(4.9951, 1.0, L2), (4.9952, 1.0, L2)]
    one_too_many = [*quick, *slow, (4.9953, 1.0, L2)]
    slo = Slo(p99_ms=10)
    ends = {"end_s": 5.0}
    assert figure(cut(measured([*quick, *slow], a_window(), **ends), slo=slo), "recover_s") == 0
    windows = cut(measured(one_too_many, a_window(), **ends), slo=slo)
    assert figure(windows, "recover_s") is None


def test_a_window_at_the_very_end_has_no_after_and_no_recovery() -> None:
    """It was cleared when the load had ended."""
    windows = cut(measured(evenly(0, 8), a_window(cleared_s=8.2)))
    assert figure(windows, "length_s", "during") == pytest.approx(5.9)
    assert figure(windows, "length_s", "after") is None
    assert (figure(windows, "recover_s"), figure(windows, "unrecovered_s")) == (None, 0)


def test_a_fault_that_was_never_at_work_has_only_a_before() -> None:
    """Nothing is known of its effect, so nothing was met during it."""
    windows = cut(measured(evenly(0, 8), a_window(effective_s=None, cleared_s=None)))
    assert {each.part for each in windows.times} == {"before"}
    assert figure(windows, "recover_s") is figure(windows, "unrecovered_s") is None


TURNS = (
    Change(at_s=1.0, what="l2 breaker", state="open"),
    Change(at_s=2.3, what="health", state="healthy"),
    Change(at_s=2.4, what="l2 breaker", state="half_open"),
    Change(at_s=2.5, what="l2 breaker", state="open"),
    Change(at_s=2.6, what="health", state="degraded"),
)
EARLY = (Change(at_s=2.05, what="l2 breaker", state="open"), *TURNS)


@pytest.mark.parametrize(
    ("changes", "detect_s"),
    [(TURNS, 0.4), (TURNS[-1:], 0.5), (EARLY, 0.0), (TURNS[:3], None), ((), None)],
    ids=["breaker", "health", "before the probe", "nothing of it", "nothing at all"],
)
def test_a_fault_is_detected_at_the_first_turn_for_the_worse(
    changes: tuple[Change, ...], detect_s: float | None
) -> None:
    """A breaker that opens or a health that is not healthy, from the request on."""
    windows = cut(measured(evenly(0, 8), a_window()), changes=changes)
    assert figure(windows, "detect_s") == (None if detect_s is None else pytest.approx(detect_s))


def test_what_the_subject_tells_after_the_next_request_is_of_the_next() -> None:
    """A fault that nobody noticed is not detected by the turns of the one after it."""
    following = a_window(number=1, requested_s=5.0, effective_s=5.1, cleared_s=6.0)
    told = (Change(at_s=5.4, what="health", state="unhealthy"),)
    windows = cut(measured(evenly(0, 8), a_window(), following), changes=told)
    assert figure(windows, "detect_s", window=0) is None
    assert figure(windows, "detect_s", window=1) == pytest.approx(0.3)


def test_before_begins_when_the_fault_before_was_recovered_from() -> None:
    """Its recovery took 0.5 s, so steady state begins at 4.5 s."""
    rows = [*evenly(0, 4), *evenly(4, 4.5, FAILED), *evenly(4.5, 8)]
    following = a_window(number=1, requested_s=6.0, effective_s=6.1, cleared_s=6.5)
    windows = cut(measured(rows, a_window(), following))
    assert figure(windows, "recover_s") == 0.5
    assert figure(windows, "length_s", "after") == pytest.approx(2)
    assert figure(windows, "length_s", "before", 1) == pytest.approx(1.5)


def test_of_overlapping_faults_each_is_judged_on_its_own() -> None:
    """What began in both counts in each; before both is what came before the first."""
    inner = a_window(number=1, requested_s=3.0, effective_s=3.0, cleared_s=5.0)
    rows = [*evenly(0, 2), *evenly(2, 5, FAILED), *evenly(5, 8)]
    windows = cut(measured(rows, a_window(effective_s=2.0), inner))
    assert counts(windows, 0) == {
        ("before", "l2", "ok"): 20,
        ("during", "none", "TimeoutError"): 20,
        ("after", "none", "TimeoutError"): 10,
        ("after", "l2", "ok"): 30,
    }
    assert counts(windows, 1) == {
        ("before", "l2", "ok"): 20,
        ("during", "none", "TimeoutError"): 20,
        ("after", "l2", "ok"): 30,
    }
    assert [figure(windows, "recover_s", window=number) for number in (0, 1)] == [1.0, 0.0]


def test_after_a_fault_without_recovery_there_is_no_new_steady_state() -> None:
    """The next fault is compared with what came before the first."""
    rows = [*evenly(0, 2), *evenly(2, 8, FAILED)]
    following = a_window(number=1, requested_s=6.0, effective_s=6.0, cleared_s=7.0)
    windows = cut(measured(rows, a_window(), following))
    assert counts(windows, 1)["before", "l2", "ok"] == 20
    assert ("before", "none", "TimeoutError") not in counts(windows, 1)


def test_a_window_from_before_the_attempt_has_no_before() -> None:
    """What killed the attempt before this one lies at negative times."""
    past = a_window(requested_s=-3.0, effective_s=-3.0, cleared_s=0.5)
    windows = cut(measured(evenly(0.4, 8), past, start_s=0.4))
    assert figure(windows, "length_s", "before") is None
    assert counts(windows)["during", "l2", "ok"] == 1
    assert figure(windows, "recover_s") == 0.0
