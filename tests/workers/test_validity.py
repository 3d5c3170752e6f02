"""Attempts judge themselves: each doubt at its limit, with its figures in the line."""

import numpy as np
import pytest

from pipeline.load import ClosedLoad, OpenLoad, SearchLoad, TraceLoad
from pipeline.scenario import HitRatioTarget
from results.attempt_result import FaultWindow
from tests.workers.measuring import a_phase, a_view, milliseconds
from workers.calibration import Calibration
from workers.measured import MeasuredPhase
from workers.validity import doubts, noisy_machine

OPEN = OpenLoad(rate=1_000, duration_s=2.0, max_in_flight=8)


def _open(*, served: int = 2_000, duration_s: float = 2.0, **measured: object) -> MeasuredPhase:
    return a_phase(OPEN, served=served, duration_s=duration_s, **{"offered": 2_000, **measured})


def _lags_ms(late: int, by_ms: float) -> np.ndarray:
    return milliseconds(*([by_ms] * late), *([0.1] * (1_000 - late)))


def _broken(kind: str, since_s: float, until_s: float) -> FaultWindow:
    return FaultWindow(
        kind=kind, phase="steady", requested_s=since_s, effective_s=since_s, cleared_s=until_s
    )


def test_what_a_fault_of_the_worker_delays_is_not_the_generators_fault() -> None:
    """Until the generator has caught up; what is late at other times is."""
    lags = _lags_ms(200, 500.0)
    arrivals_ns = np.arange(1_000) * 2_000_000
    blocked = _open(
        lag_ns=lags, arrivals_ns=arrivals_ns, fault_windows=(_broken("loop_block", 0.0, 0.3),)
    )
    assert doubts(blocked) == []
    for kind, until_s in (("l2_kill", 0.3), ("loop_block", 0.3)):
        late = np.roll(lags, 500 if kind == "loop_block" else 0)
        phase = _open(
            lag_ns=late, arrivals_ns=arrivals_ns, fault_windows=(_broken(kind, 0.0, until_s),)
        )
        assert "generator blocked" in doubts(phase)[0]


def test_a_queue_that_grew_while_something_was_broken_is_what_was_to_be_seen() -> None:
    """Without a fault it is saturation."""
    grown = {"served": 1_500, "duration_s": 4.0, "dropped": 500, "left_over": 1_000}
    assert "saturated" in doubts(_open(**grown))[0]
    assert doubts(_open(**grown, fault_windows=(_broken("l2_stop", 0.5, 1.5),))) == []


def test_a_schedule_that_was_kept_is_trusted() -> None:
    """As are a closed loop and a search, which have none."""
    assert doubts(_open(lag_ns=_lags_ms(10, 500.0), left_over=28)) == []
    assert doubts(a_phase()) == []
    assert doubts(a_phase(SearchLoad(p99_below_ms=5.0))) == []


def test_a_generator_that_stood_still_measured_itself() -> None:
    """More than one arrival in a hundred over 10 ms late; the line says how late, and why."""
    machine = a_view(loop_lag_ns=milliseconds(1.0, 1_003.0))
    (said,) = doubts(_open(lag_ns=_lags_ms(11, 500.0), machine=machine))
    assert said == (
        "phase steady: generator blocked: 1.1% of the arrivals were handed over more than 10 ms "
        "late, limit 1% (p99 500 ms; the event loop stood still for up to 1,003 ms); "
        "find what blocks the event loop, or run less beside it"
    )
    assert doubts(_open(lag_ns=_lags_ms(500, 9.9))) == []


def test_one_late_arrival_of_a_few_is_an_accident() -> None:
    """Of 20 one is 5 %, and still tells nothing; two do."""
    lags = {late: milliseconds(*[0.0] * (20 - late), *[30.0] * late) for late in (1, 2)}
    assert doubts(_open(lag_ns=lags[1])) == []
    assert "generator blocked: 10.0%" in doubts(_open(lag_ns=lags[2]))[0]


def test_what_still_waits_at_the_end_is_saturation() -> None:
    """Beyond the slots and 1 % of the arrivals; the line has both rates."""
    assert doubts(_open(served=2_000, duration_s=2.02, left_over=28)) == []
    (said,) = doubts(_open(served=2_000, duration_s=4.0, left_over=1_000))
    assert said == ("phase steady: saturated: 1,000/s were due, 500/s were served; lower the rate")


def test_a_single_dropped_operation_is_saturation() -> None:
    """What was never sent has no response time."""
    (said,) = doubts(_open(served=1_999, dropped=1))
    assert "saturated: 1,000/s were due, 1,000/s were served, 1 were dropped" in said


def test_a_rate_that_was_not_reached_is_saturation() -> None:
    """Less than 95 % served by the end, though few were waiting; but not of a handful."""
    slow = OpenLoad(rate=100, duration_s=2.0, max_in_flight=1)
    (said,) = doubts(a_phase(slow, served=200, duration_s=2.2, offered=200, left_over=3))
    assert "saturated: 100/s were due, 90/s were served" in said
    assert doubts(a_phase(slow, served=99, duration_s=2.2, offered=99, left_over=1)) == []


def test_a_timed_trace_is_judged_by_its_own_schedule() -> None:
    """Its rate is that of its recorded times."""
    trace = TraceLoad(timed=True, max_in_flight=1)
    phase = a_phase(trace, served=1_000, duration_s=4.0, offered=1_000, left_over=400)
    phase.samples.due_ns  # noqa: B018 - None as long as the load gives none
    (said,) = doubts(phase)
    assert "saturated" in said


def test_a_hit_ratio_off_its_target_is_told() -> None:
    """At either side; a subject that can have none is not asked."""
    target = {"hit_ratio": HitRatioTarget(at_least=0.4, at_most=0.6)}
    reads = {"l1": 30, "l2": 20, "origin": 25, "miss": 25}
    assert doubts(a_phase(planned=target, reads=reads)) == []
    (low,) = doubts(a_phase(planned=target, reads={"l1": 39, "origin": 61}))
    assert low == (
        "phase steady: off its hit-ratio target: 0.390, expected 0.4 to 0.6; "
        "choose other keys, sizes or warm-up"
    )
    (high,) = doubts(a_phase(planned=target, reads={"l1": 61, "origin": 39}))
    assert "0.610, expected 0.4 to 0.6" in high
    (none,) = doubts(a_phase(planned=target, reads={}))
    assert "there were no reads" in none
    assert doubts(a_phase(planned=target, reads={}), frozenset({"hit_ratio"})) == []


@pytest.mark.parametrize(
    ("load", "enough"),
    [(ClosedLoad(duration_s=1.0), 10), (OPEN, 10), (TraceLoad(), 1), (ClosedLoad(operations=1), 1)],
)
def test_too_few_samples_are_told(load: ClosedLoad | OpenLoad | TraceLoad, enough: int) -> None:
    """Ten where time ended the phase, else one."""
    assert doubts(a_phase(load, served=enough)) == []
    (said,) = doubts(a_phase(load, served=enough - 1))
    assert f"{enough - 1} operations in 1.0 s are too few, expected {enough} or more" in said


def test_a_worker_that_swapped_is_told() -> None:
    """More than a mebibyte; where nobody knows, nothing is claimed."""
    (said,) = doubts(a_phase(machine=a_view(swapped_bytes=3 << 20)))
    assert "swapped: 3.0 MiB of the worker" in said
    assert doubts(a_phase(machine=a_view(swapped_bytes=1 << 20))) == []
    assert doubts(a_phase(machine=a_view(swapped_bytes=None))) == []
    pressed = (_broken("memory_pressed", 0.1, 0.9),)
    assert doubts(a_phase(machine=a_view(swapped_bytes=3 << 20), fault_windows=pressed)) == []


def test_warm_up_and_skipped_phases_are_judged_by_their_faults_alone() -> None:
    """Their figures count nowhere; a fault that never came does."""
    bad = {"offered": 100, "dropped": 50, "lag_ns": _lags_ms(900, 500.0)}
    assert doubts(a_phase(OPEN, served=0, planned={"warmup": True}, **bad)) == []
    assert doubts(a_phase(served=0, skipped=True)) == []
    fault = ("phase steady: the fault l2_kill had no effect",)
    assert doubts(a_phase(planned={"warmup": True}, doubts=fault)) == list(fault)


def test_a_machine_that_slowed_down_is_told() -> None:
    """In either direction, beyond three times."""
    before = Calibration(loop_ns=1_000_000, ping_ns=None, recorder_cost_ns=500.0)
    assert noisy_machine([], before, 3_000_000) == []
    assert noisy_machine([], before, 334_000) == []
    (said,) = noisy_machine([], before, 3_100_000)
    assert said == (
        "noisy machine: the calibration took 1.00 ms before and 3.10 ms after, 3.1 times apart, "
        "limit 3; run less beside it"
    )
    assert noisy_machine([], before, 320_000) != []


def test_time_that_went_to_others_is_told() -> None:
    """As a share of all measured time; not of what is too short to have a share."""
    before = Calibration(loop_ns=1, ping_ns=None, recorder_cost_ns=1.0)

    def said(stolen: float, duration_s: float) -> list[str]:
        quiet = a_phase(duration_s=duration_s, machine=a_view())
        stolen_from = a_phase(duration_s=duration_s, machine=a_view(stolen_ratio=stolen))
        warm_up = a_phase(planned={"warmup": True}, machine=a_view(stolen_ratio=1.0))
        return noisy_machine([quiet, stolen_from, warm_up], before, 1)

    assert said(0.2, 1.0) == []
    assert said(0.9, 0.2) == []
    (line,) = said(0.3, 1.0)
    assert line.startswith("noisy machine: 15% of the processors' time went to other guests")
    assert noisy_machine([a_phase(machine=a_view(stolen_ratio=None))], before, 1) == []
