"""The clock of a group: one estimate a machine, and how far two of them may be apart."""

from collections.abc import Iterator
from time import perf_counter_ns

from workers.shared_clock import ClockReading, SharedClock, agree, read_clock

OFFSET_NS = 1_700_000_000_000_000_000


def a_reading(machine: str, offset_ns: int, round_trip_ns: int = 1_000) -> ClockReading:
    """One worker's look."""
    return ClockReading(machine=machine, offset_ns=offset_ns, round_trip_ns=round_trip_ns)


def test_workers_of_one_machine_have_the_same_clock() -> None:
    """Their own looks differ, but one of them serves all: what they note differs by nothing."""
    readings = {1: a_reading("one", 205), 0: a_reading("one", 200), 2: a_reading("one", 190)}
    assert {agree(readings, shard) for shard in readings} == {
        SharedClock(offset_ns=200, error_ns=0)
    }


def test_workers_of_two_machines_may_differ_by_half_their_round_trips() -> None:
    """Each machine has the estimate of its first worker."""
    readings = {0: a_reading("one", 200, 40), 1: a_reading("two", 900, 10)}
    readings[2] = a_reading("two", 950, 70)
    assert agree(readings, 0) == SharedClock(offset_ns=200, error_ns=25)
    assert agree(readings, 1) == agree(readings, 2) == SharedClock(offset_ns=900, error_ns=25)


def test_a_shared_moment_is_found_on_the_own_clock() -> None:
    """There and back it is the same."""
    assert SharedClock(offset_ns=200).own_ns(1_200) == 1_000


def test_the_quickest_look_tells_the_offset() -> None:
    """The database's time lies between the two looks at the own clock."""
    told: list[int] = []

    def now_s() -> Iterator[float]:
        while True:
            told.append(perf_counter_ns())
            yield (told[-1] + OFFSET_NS) / 1e9

    reading = read_clock(now_s().__next__)
    # A double has a quarter of a microsecond at this distance from 1970.
    assert abs(reading.offset_ns - OFFSET_NS) <= reading.round_trip_ns // 2 + 1_000
    assert len(told) == 5
    assert reading.machine == read_clock(now_s().__next__).machine
    assert ClockReading.decode(reading.encode()) == reading
