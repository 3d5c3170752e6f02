"""Marks stand at the seconds in which faults came and went, and the subject turned."""

from results.attempt_result import Change, FaultWindow, PhaseSpan
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


def test_the_subjects_turns_stand_beside_the_marks_of_faults() -> None:
    """Each once a second; what it told between two phases is of the one before."""
    changes = (
        Change(at_s=0.5, what="health", state="degraded"),
        Change(at_s=2.1, what="l2 breaker", state="open", reason="5 failures"),
        Change(at_s=2.2, what="l2 breaker", state="open"),
        Change(at_s=2.3, what="health", state="degraded"),
        Change(at_s=4.7, what="health", state="healthy"),
    )
    attempt = an_attempt(
        phases=(
            PhaseSpan(phase="outage", warmup=False, start_s=1.0, end_s=4.0),
            PhaseSpan(phase="recovery", warmup=False, start_s=5.0, end_s=9.0),
        ),
        changes=changes,
    )
    turns = {(row["phase"], row["second"]): row["changes"] for row in timeline([attempt])}
    assert turns == {
        ("outage", 1): ["l2 breaker open", "health degraded"],
        ("outage", 3): ["health healthy"],
    }
