"""Which windows are of one fault."""

from results.struck import Strikes
from tests.results.struck_attempts import figures, struck, times, window


def places(strikes: Strikes) -> list[tuple[str, str, int, list[str]]]:
    """Each fault with the attempts that saw it."""
    return [
        (place.phase, place.kind, place.number, [each.attempt.attempt_id for each in same])
        for place, same in strikes.by_place().items()
    ]


def two_faults(attempt_id: str, first_s: float, second_s: float, **changes: object) -> object:
    """An attempt with two faults of one kind."""
    return struck(
        attempt_id=attempt_id,
        fault_windows=(window(0, first_s), window(1, second_s)),
        window_figures=(*figures(0, detect_s=0.1), *figures(1, detect_s=0.2)),
        **changes,
    )


def test_the_windows_of_shards_and_repeats_are_one_fault() -> None:
    """Shards ask at about the same moment; the n-th of a kind in a repeat is the n-th of it."""
    attempts = [
        two_faults("a", 2.0, 5.0, group="g0"),
        two_faults("b", 2.1, 5.2, group="g0"),
        two_faults("c", 2.9, 5.9, group="g1", repeat=1),
    ]
    assert places(Strikes(attempts)) == [
        ("load", "l2_kill", 0, ["a", "b", "c"]),
        ("load", "l2_kill", 1, ["a", "b", "c"]),
    ]


def test_what_strikes_different_shards_at_different_times_are_different_faults() -> None:
    """Though each is its worker's first."""
    first = struck(attempt_id="a", group="g")
    later = struck(attempt_id="b", group="g", fault_windows=(window(0, 5.0),))
    assert places(Strikes([later, first])) == [
        ("load", "l2_kill", 0, ["a"]),
        ("load", "l2_kill", 1, ["b"]),
    ]


def test_faults_of_one_worker_in_quick_succession_stay_apart() -> None:
    """A worker sees each fault once."""
    found = places(Strikes([two_faults("a", 2.0, 2.2)]))
    assert [number for _phase, _kind, number, _of in found] == [0, 1]


def test_faults_are_in_the_order_of_phases_and_requests() -> None:
    """Whatever their kinds are called."""
    attempt = struck(
        fault_windows=(window(0, 3.0, kind="l3_locked"), window(1, 4.0, kind="l2_kill")),
        window_figures=(*figures(0, detect_s=1), *figures(1, detect_s=1)),
    )
    assert [kind for _phase, kind, *_ in places(Strikes([attempt]))] == ["l3_locked", "l2_kill"]


def test_a_window_without_figures_is_of_a_warm_up_or_of_an_older_tierbench() -> None:
    """It is none of these."""
    assert Strikes([struck(window_figures=())]).by_place() == {}


def test_times_are_merged_over_windows_of_a_phase() -> None:
    """Over all attempts, and of the part that was asked for."""
    attempts = [
        struck(attempt_id="a", window_times=(times("during", 1.0), times("after", 9.0))),
        struck(attempt_id="b", repeat=1, window_times=(times("during", 2.0, 3.0),)),
    ]
    strikes = Strikes(attempts)
    assert strikes.times("during").count == 3
    assert strikes.times("during", phase="load", operation="get").count == 3
    assert strikes.times("during", operation="set").count == 0
    assert strikes.times("during", phase="other").count == 0
