"""The watch over a subject's health, and what it tells of faults."""

from results.attempt_result import FaultWindow
from tests.workers.scenarios import DictSubject
from workers.health import HealthWatch, turns_of


def _watch(*seen: tuple[float, str]) -> HealthWatch:
    watch = HealthWatch(DictSubject(), lambda: 0.0)
    watch.seen = list(seen)
    return watch


def test_each_turn_is_told_once() -> None:
    """A subject that begins healthy has not turned; one that begins otherwise has."""
    looks = [(0.0, "healthy"), (0.1, "degraded"), (0.2, "degraded"), (0.3, "healthy")]
    assert [(each.at_s, each.state) for each in turns_of(looks)] == [
        (0.1, "degraded"),
        (0.3, "healthy"),
    ]
    assert [each.state for each in turns_of([(0.0, "unhealthy")])] == ["unhealthy"]


def test_how_soon_health_followed_is_the_longest_of_all_windows() -> None:
    """Unknown of one is unknown of all."""
    watch = _watch((1.0, "healthy"), (2.25, "degraded"), (3.5, "healthy"))
    window = FaultWindow(
        kind="l2_kill", phase="one", requested_s=1.5, effective_s=2.0, cleared_s=3.0
    )
    later = FaultWindow(
        kind="l2_kill", phase="one", requested_s=4.0, effective_s=4.0, cleared_s=5.0
    )
    assert (watch.turned_s([window]), watch.recovered_s([window])) == (0.25, 0.5)
    assert (watch.turned_s([window, later]), watch.recovered_s([window, later])) == (None, None)


async def test_a_subject_that_can_not_say_is_asked_once() -> None:
    """The watch ends by itself."""
    watch = HealthWatch(DictSubject(), lambda: 0.0)
    await watch.run()
    assert watch.seen == []
