"""A fault's marks stand at the seconds in which it was asked for, came and went."""

from results.records import FaultWindow, PhaseSpan
from results.timeline import timeline
from tests.results.build import an_attempt, an_interval


def test_a_fault_cleared_in_a_later_phase_is_marked_there() -> None:
    """Its seconds are counted from that phase's begin."""
    attempt = an_attempt(
        phases=(
            PhaseSpan(phase="outage", warmup=False, start_s=1.0, end_s=4.0),
            PhaseSpan(phase="recovery", warmup=False, start_s=4.0, end_s=9.0),
        ),
        fault_windows=(
            FaultWindow(
                kind="l2_stop", phase="outage", requested_s=2.5, effective_s=2.6, cleared_s=6.1
            ),
        ),
        intervals=(an_interval(1.0, phase="recovery"),),
    )
    marks = {(row["phase"], row["second"]): row["faults"] for row in timeline([attempt])}
    assert marks == {
        ("outage", 1): ["l2_stop requested", "l2_stop effective"],
        ("recovery", 0): [],
        ("recovery", 2): ["l2_stop cleared"],
    }


def test_an_event_after_every_phase_is_counted_from_its_own() -> None:
    """The server was back when the last phase had ended."""
    attempt = an_attempt(
        phases=(PhaseSpan(phase="outage", warmup=False, start_s=1.0, end_s=4.0),),
        fault_windows=(
            FaultWindow(
                kind="l2_stop", phase="outage", requested_s=1.0, effective_s=None, cleared_s=5.5
            ),
        ),
    )
    places = [(row["phase"], row["second"], row["faults"]) for row in timeline([attempt])]
    assert places == [("outage", 0, ["l2_stop requested"]), ("outage", 4, ["l2_stop cleared"])]
