"""Figures by the names of the metrics, from what was measured."""

from dataclasses import replace

from results.attempt_result import SearchTrial
from results.metrics import METRICS
from results.records import LostAttempt
from tests.workers.measuring import a_phase, a_view, milliseconds
from workers.attempt import Attempt
from workers.calibration import Calibration
from workers.checker.checked import Checked
from workers.distributions import distributions_of, readings_of
from workers.environment import environment_of
from workers.faults.worker_kill import window_of
from workers.ledger import Findings
from workers.measured import MeasuredPhase
from workers.observations import of_calibration, of_phase


def _figures(measured: MeasuredPhase) -> dict[str, float]:
    return {each.metric: each.value for each in of_phase(measured)}


def _subject_memory_mib(attempt: Attempt) -> list[float]:
    seen = attempt.result().observations
    return [each.value for each in seen if each.metric == "subject_memory_mib"]


def test_what_was_not_measured_is_no_figure() -> None:
    """A closed loop has no schedule, a phase that nobody watched no memory; none of them is 0."""
    figures = _figures(a_phase())
    absent = ("offered_operations", "dropped_operations", "highest_rate_ops_per_second")
    absent += ("worker_memory_mib", "server_commands", "cross_reads", "start_offset_ms")
    assert not set(absent) & set(figures)
    assert figures["loads"] == 0


def test_where_no_value_was_compared_none_was_right() -> None:
    """That nothing wrong was found says something only of what was looked at."""
    names = {"wrong_values", "stale_reads", "resurrected_reads"}
    phase = a_phase()
    assert _figures(phase)["values_checked"] == 0
    assert not names & set(_figures(phase))
    checked = _figures(replace(phase, findings=Findings(values_checked=1)))
    assert [checked[name] for name in names] == [0, 0, 0]


def test_what_killed_the_attempt_before_tells_how_soon_it_was_resumed() -> None:
    """Its window lies before the attempt, whatever else is broken in it."""
    killed = window_of([LostAttempt(number=1, reason="", ended_ago_s=3.5)], "steady", 0)
    later = replace(killed, kind="l2_kill", number=1, requested_s=0.2, effective_s=None)
    assert _figures(a_phase(fault_windows=(killed, later)))["resumed_after_s"] == 3.5
    assert "resumed_after_s" not in _figures(a_phase(fault_windows=(later,)))


def test_every_figure_is_a_metric_that_is_observed() -> None:
    """In the metric's unit."""
    figures = _figures(
        a_phase(
            offered=120,
            dropped=20,
            machine=a_view(memory_mib=150.0),
            server={"server_commands": 7.0},
            checked=Checked(counts={"cross_reads": 9, "cross_stale_reads": 2}),
            start_offset_s=0.25,
        )
    )
    assert set(figures) <= set(METRICS)
    assert (figures["offered_operations"], figures["dropped_operations"]) == (120, 20)
    assert figures["worker_memory_mib"] == 150
    assert (figures["cross_reads"], figures["cross_stale_reads"]) == (9, 2)
    assert figures["start_offset_ms"] == 250
    assert figures["server_commands"] == 7
    assert figures["involuntary_context_switches"] == 3


def test_what_the_recorder_keeps_is_not_the_subjects() -> None:
    """24 bytes an operation, of all phases; without a second look there is no figure."""
    attempt = Attempt(environment=environment_of({}), memory_before_mib=100.0)
    assert _subject_memory_mib(attempt) == []
    attempt.codes.number("get", "l1")
    operations = 1 << 16
    attempt.phases = [a_phase(served=operations, machine=a_view(memory_mib=900.0))] * 2
    attempt.memory_after_mib = 200.0
    assert _subject_memory_mib(attempt) == [97.0]


def test_memory_that_was_given_back_is_no_growth() -> None:
    """A subject that took the place of something larger has grown by nothing."""
    environment = environment_of({})
    attempt = Attempt(environment=environment, memory_before_mib=110.0, memory_after_mib=90.0)
    assert _subject_memory_mib(attempt) == [0.0]


def test_a_search_found_the_highest_rate_that_held() -> None:
    """Where none held, it found nothing."""

    def trial(number: int, rate: float, *, held: bool) -> SearchTrial:
        return SearchTrial(
            phase="steady", number=number, rate=rate, achieved_rate=rate, p99_ms=1.0, held=held
        )

    trials = (trial(0, 100, held=True), trial(1, 200, held=False), trial(2, 150, held=True))
    assert _figures(a_phase(trials=trials))["highest_rate_ops_per_second"] == 150
    assert "highest_rate_ops_per_second" not in _figures(a_phase(trials=trials[1:2]))


def test_the_calibration_is_the_quickest_of_both() -> None:
    """The drift says how far they lay apart, whichever was slower."""
    before = Calibration(loop_ns=1_500_000, ping_ns=50_000, recorder_cost_ns=400.0)
    assert of_calibration(before, 1_000_000) == {
        "calibration_loop_ms": 1.0,
        "calibration_ping_ms": 0.05,
        "calibration_drift_ratio": 1.5,
        "recorder_cost_us": 0.4,
    }
    assert of_calibration(before, 3_000_000)["calibration_loop_ms"] == 1.5
    without = Calibration(loop_ns=1, ping_ns=None, recorder_cost_ns=1.0)
    assert of_calibration(without, 1)["calibration_ping_ms"] is None


def test_what_was_watched_and_never_happened_is_an_empty_distribution() -> None:
    """A phase without a pause is not one that nobody watched."""
    watched = a_phase(machine=a_view(loop_lag_ns=milliseconds(1, 2, 30)))
    kept = {each.name: each.histogram for each in distributions_of(watched)}
    assert kept["loop_lag"].count == 3
    assert kept["gc_pause"].count == 0
    assert set(kept) == {"loop_lag", "gc_pause"}
    assert list(distributions_of(a_phase())) == []


def test_readings_belong_to_their_phase() -> None:
    """One reading for each second and name."""
    watched = a_phase(machine=a_view(readings=(("memory_mib", 0, 80.0), ("memory_mib", 1, 81.0))))
    read = [(each.phase, each.second, each.value) for each in readings_of(watched)]
    assert read == [("steady", 0, 80.0), ("steady", 1, 81.0)]
    assert list(readings_of(a_phase())) == []
