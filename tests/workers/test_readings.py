"""One figure for each second, from events and counters."""

from workers.counters import Counters
from workers.readings import readings_of


def _counters(at_s: float, cpu_s: float, switches: int, memory_mib: float = 50.0) -> Counters:
    return Counters(
        at_ns=round(at_s * 1e9),
        cpu_s=cpu_s,
        memory_mib=memory_mib,
        voluntary_switches=0,
        involuntary_switches=switches,
        major_faults=0,
        swap_bytes=None,
        swapped_in_bytes=None,
        stolen_ticks=None,
        all_ticks=None,
    )


def test_lags_are_the_largest_and_pauses_the_sum_of_their_second() -> None:
    """Seconds count from the first look, not from the clock's zero."""
    looks = [_counters(100.0, 0.0, 0), _counters(102.0, 0.0, 0)]
    lags = [
        (100_200_000_000, 5_000_000),
        (100_900_000_000, 2_000_000),
        (101_100_000_000, 1_000_000),
    ]
    pauses = [(101_000_000_000, 3_000_000), (101_500_000_000, 4_000_000)]
    read = {(name, second): value for name, second, value in readings_of(looks, lags, pauses)}
    assert (read["loop_lag_ms", 0], read["loop_lag_ms", 1]) == (5, 1)
    assert read["gc_pause_ms", 1] == 7
    assert ("gc_pause_ms", 0) not in read


def test_counters_belong_to_the_second_in_which_they_were_begun() -> None:
    """A look that came late leaves its second out, and its rate is that of the time between."""
    looks = [
        _counters(10.0, 1.0, 5),
        _counters(11.01, 1.5, 8),
        _counters(14.0, 2.0, 9, memory_mib=70.0),
    ]
    read = {(name, second): value for name, second, value in readings_of(looks, [], [])}
    assert read["involuntary_context_switches", 0] == 3
    assert read["involuntary_context_switches", 1] == 1
    assert abs(read["cpu_ratio", 1] - 0.5 / 2.99) < 1e-6
    assert read["memory_mib", 1] == 70
    assert {second for _name, second in read} == {0, 1}
