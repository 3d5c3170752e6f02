"""The arithmetic of metrics, each on a case that can be worked by hand."""

import pytest

from results.accepted import AcceptedAttempt
from results.attempt_result import Distribution, Observation, PhaseSpan
from results.details import details_of
from results.errors import InvalidExpectationError
from results.figures import Figures
from results.metrics import METRICS
from results.scope import Scope
from results.summary import all_metrics, metric_value
from tests.results.build import a_histogram, a_span, an_attempt, an_interval, reads


def value(name: str, *attempts: AcceptedAttempt, **scope: str) -> float | None:
    """One metric of these attempts."""
    return metric_value(name, Figures(attempts), Scope(**scope))


MIXED = an_attempt(
    intervals=(
        an_interval(100.0, phase="fill", warmup=True, operation="set", tier="none"),
        an_interval(1.0, 2.0),
        an_interval(3.0, second=1),
        an_interval(8.0, tier="l2"),
        an_interval(6.0, operation="set", tier="none"),
        an_interval(20.0, tier="none", outcome="TimeoutError"),
        an_interval(40.0, phase="outage", operation="get_many"),
    ),
    phases=(a_span(9.0, "fill", warmup=True), a_span(2.0), a_span(3.0, "outage")),
)


def test_warm_up_counts_only_where_it_is_named() -> None:
    """All measured phases are all but the warm-up."""
    assert value("operations", MIXED) == 7
    assert value("operations", MIXED, phase="fill") == 1
    assert value("max_response_time_ms", MIXED) == 40
    assert value("max_response_time_ms", MIXED, phase="fill") == 100


def test_throughput_is_operations_over_the_phases_time() -> None:
    """Warm-up is in neither; a narrower scope has fewer operations in the same time."""
    assert value("throughput_ops_per_second", MIXED) == pytest.approx(7 / 5)
    assert value("throughput_ops_per_second", MIXED, phase="load") == pytest.approx(6 / 2)
    assert value("throughput_ops_per_second", MIXED, operation="set") == pytest.approx(1 / 5)
    assert value("throughput_ops_per_second", an_attempt(intervals=MIXED.intervals)) is None


def test_a_searchs_trials_have_no_percentile_together() -> None:
    """They are counted; times and throughput are those of the other phases, if there are any."""
    search = PhaseSpan(phase="search", warmup=False, loop="search", start_s=0.0, end_s=90.0)
    found = an_interval(5_000.0, 1.0, phase="search", tier="l1")
    both = an_attempt(intervals=(*MIXED.intervals, found), phases=(*MIXED.phases, search))
    assert value("operations", both) == 9
    for name in ("max_response_time_ms", "avg_response_time_ms", "throughput_ops_per_second"):
        assert value(name, both) == pytest.approx(value(name, MIXED))
        assert value(name, both, phase="search") is None
    alone = an_attempt(intervals=(found,), phases=(search,))
    assert value("throughput_ops_per_second", alone) is None
    assert details_of(Figures([alone]))["percentiles"] == {}


def test_failures_are_part_of_the_response_times() -> None:
    """A timeout is as long as it was, and is an error by count and rate."""
    assert value("avg_response_time_ms", MIXED, phase="load") == pytest.approx(40 / 6)
    assert value("errors", MIXED) == 1
    assert value("error_rate", MIXED) == pytest.approx(1 / 7)
    assert value("errors", MIXED, operation="set") == 0
    assert value("errors", MIXED, operation="delete") is None


def test_percentiles_are_of_everything_that_matches() -> None:
    """Nearest rank, to three significant digits."""
    assert value("p50_response_time_ms", MIXED, phase="load") == pytest.approx(3, rel=0.001)
    assert value("p95_response_time_ms", MIXED, tier="l1") == pytest.approx(40, rel=0.001)
    assert value("p99_9_response_time_ms", MIXED, operation="delete") is None


def test_a_tiers_mean_is_of_single_reads_alone() -> None:
    """Reads of many keys at once do not enter the mean of a tier."""
    assert value("l1_avg_response_time_ms", MIXED) == pytest.approx(2)
    assert value("l2_avg_response_time_ms", MIXED) == pytest.approx(8)
    assert value("l3_avg_response_time_ms", MIXED) is None


def test_none_of_a_kind_is_zero_only_where_others_were_done() -> None:
    """Nothing served by L3 in a phase with operations is 0; in a phase without any, unknown."""
    assert value("operations", MIXED, tier="l3") == 0
    assert value("operations", MIXED, phase="recovery") is None
    assert value("errors", MIXED, phase="recovery") is None
    assert value("error_rate", MIXED, phase="recovery") is None


def test_shards_run_at_the_same_time() -> None:
    """The time of a group is that of its longest shard; repeats follow each other."""
    shards = [
        an_attempt(intervals=(an_interval(1.0),), phases=(a_span(length),), repeat=repeat)
        for repeat in (0, 1)
        for length in (2.0, 4.0)
    ]
    assert value("throughput_ops_per_second", *shards) == pytest.approx(4 / 8)
    assert value("phase_duration_s", *shards) == pytest.approx(8)
    assert value("execution_time_seconds", *shards) == pytest.approx(4)


def test_each_phase_lasts_as_long_as_its_longest_shard() -> None:
    """Shards begin each phase together, so who was quick in one waits for the next."""
    shards = [
        an_attempt(attempt_id=str(first), phases=(a_span(first), a_span(second, "then")))
        for first, second in ((3.0, 1.0), (1.0, 2.0))
    ]
    assert value("phase_duration_s", *shards) == pytest.approx(5)


def test_a_phase_that_ran_twice_is_as_long_as_both() -> None:
    """Spans of one name in one attempt add up."""
    attempt = an_attempt(
        phases=(a_span(2.0), PhaseSpan(phase="load", warmup=False, start_s=9.0, end_s=10.0))
    )
    assert value("phase_duration_s", attempt, phase="load") == pytest.approx(3)


READS = an_attempt(
    observations=(
        *reads(l1=50, l2=30, l3=10, origin=6, miss=4),
        *(Observation(metric="reads_l1", value=1000, phase="fill", warmup=True),),
    )
)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("hit_ratio", 0.9),
        ("l1_hit_ratio", 0.5),
        ("l2_hit_ratio", 0.6),
        ("l3_hit_ratio", 0.5),
        ("reads_l1", 50),
    ],
)
def test_hit_ratios_are_of_what_reached_the_tier(metric: str, expected: float) -> None:
    """Each tier's ratio is of the reads that came to it; warm-up is left out."""
    assert value(metric, READS) == pytest.approx(expected)


def test_a_tier_that_nothing_reached_has_no_ratio() -> None:
    """Where L1 served all, the ratios below it are unknown, not zero."""
    attempt = an_attempt(observations=reads(l1=5, l2=0, l3=0, origin=0, miss=0))
    assert value("l1_hit_ratio", attempt) == 1
    assert value("l2_hit_ratio", attempt) is None
    assert value("hit_ratio", an_attempt()) is None


def test_ratios_over_repeats_weigh_every_read_alike() -> None:
    """A hundred reads count ten times as much as ten: ratios are not averaged."""
    attempts = [
        an_attempt(repeat=0, observations=reads(l1=100)),
        an_attempt(repeat=1, observations=reads(l1=0, origin=10)),
    ]
    assert value("l1_hit_ratio", *attempts) == pytest.approx(100 / 110)


def test_observations_merge_as_their_metric_says() -> None:
    """Sums add up over attempts, the largest is the largest."""
    attempts = [
        an_attempt(
            observations=(
                Observation(metric="loads", value=count, phase="load"),
                Observation(metric="loads", value=1, phase="outage"),
                Observation(metric="distinct_keys", value=count),
            )
        )
        for count in (3, 4)
    ]
    assert value("loads", *attempts) == 9
    assert value("loads", *attempts, phase="load") == 7
    assert value("distinct_keys", *attempts) == 4
    assert value("distinct_keys", *attempts, phase="load") is None
    assert value("warmed_keys", *attempts) is None


def test_a_figure_for_the_whole_attempt_is_not_added_to_those_of_its_phases() -> None:
    """What was observed of the whole counts once."""
    attempt = an_attempt(
        observations=(
            Observation(metric="loads", value=5, phase="load"),
            Observation(metric="loads", value=7),
        )
    )
    assert value("loads", attempt) == 7
    assert value("loads", attempt, phase="load") == 5


@pytest.mark.parametrize("scope", [{"operation": "get"}, {"tier": "l1"}])
@pytest.mark.parametrize("metric", ["hit_ratio", "loads", "l1_avg_response_time_ms"])
def test_figures_that_are_not_kept_so_finely(metric: str, scope: dict[str, str]) -> None:
    """Asking for reads or observations by operation or tier is an error, not a wrong figure."""
    with pytest.raises(InvalidExpectationError, match=f"{metric} is not kept by operation or tier"):
        value(metric, MIXED, **scope)


def test_all_metrics_are_those_that_have_a_figure() -> None:
    """In the order of the table, and only what was seen."""
    found = dict(all_metrics(Figures([MIXED]), "load"))
    assert list(found) == [name for name in METRICS if name in found]
    assert found["operations"] == 6
    assert "hit_ratio" not in found
    assert "execution_time_seconds" not in found
    assert dict(all_metrics(Figures([]), None)) == {}


def test_what_a_subject_lacks_has_no_figure() -> None:
    """A tier that isn't there has no hit ratio of 0, and neither does a cache that is none."""
    lacks = frozenset({"l2", "reads_l2", "l2_hit_ratio"})
    figures = Figures([an_attempt(observations=reads(l1=3, origin=1), unsupported=lacks)])
    found = dict(all_metrics(figures, None))
    assert found["l1_hit_ratio"] == 0.75
    assert "l3_hit_ratio" in found
    assert "l2_hit_ratio" not in found


OPEN = an_attempt(
    intervals=(
        an_interval(10.0, 30.0, service=a_histogram(1.0, 3.0)),
        an_interval(50.0, outcome="TimeoutError", service=a_histogram(5.0)),
        an_interval(7.0, phase="closed"),
    ),
)


def test_service_time_runs_from_when_it_was_sent() -> None:
    """Where an operation was due earlier both times are kept; in a closed loop they are one."""
    assert value("avg_response_time_ms", OPEN, phase="load") == pytest.approx(30)
    assert value("avg_service_time_ms", OPEN, phase="load") == pytest.approx(3)
    assert value("p50_service_time_ms", OPEN, phase="load") == pytest.approx(3, rel=0.001)
    assert value("max_service_time_ms", OPEN, phase="load") == 5
    assert value("max_service_time_ms", OPEN, phase="closed") == 7
    assert value("avg_service_time_ms", OPEN) == pytest.approx((1 + 3 + 5 + 7) / 4)
    assert value("p99_service_time_ms", OPEN, phase="recovery") is None


def test_what_succeeded_has_percentiles_apart() -> None:
    """A failure's time is in the percentiles of all and not in those of successes."""
    assert value("p99_response_time_ms", OPEN, phase="load") == 50
    assert value("p99_ok_response_time_ms", OPEN, phase="load") == 30
    assert value("p50_ok_response_time_ms", OPEN, phase="load") == pytest.approx(10, rel=0.001)
    only_failures = an_attempt(intervals=(an_interval(1.0, outcome="TimeoutError"),))
    assert value("p95_ok_response_time_ms", only_failures) is None


def paused(*values_ms: float, phase: str = "load", warmup: bool = False) -> Distribution:
    """Pauses for garbage collection."""
    histogram = a_histogram(*values_ms)
    return Distribution(name="gc_pause", phase=phase, warmup=warmup, histogram=histogram)


def test_distributions_merge_over_attempts() -> None:
    """Percentile, greatest and total are of all attempts' figures; warm-up is left out."""
    attempts = [
        an_attempt(distributions=(paused(1.0), paused(90.0, phase="fill", warmup=True))),
        an_attempt(repeat=1, distributions=(paused(2.0, 4.0), paused(8.0, phase="outage"))),
    ]
    assert value("max_gc_pause_ms", *attempts) == 8
    assert value("total_gc_pause_ms", *attempts) == pytest.approx(15)
    assert value("total_gc_pause_ms", *attempts, phase="load") == pytest.approx(7)
    assert value("max_gc_pause_ms", *attempts, phase="fill") == 90
    assert value("p99_loop_lag_ms", *attempts) is None


def test_a_distribution_of_nothing_is_not_one_that_nobody_kept() -> None:
    """Where a pause was watched for and none came, the total is 0 and there is no percentile."""
    lag = Distribution(name="loop_lag", phase="load", warmup=False, histogram=a_histogram())
    attempt = an_attempt(distributions=(paused(), lag))
    assert value("total_gc_pause_ms", attempt) == 0
    assert value("max_gc_pause_ms", attempt) == 0
    assert value("p99_loop_lag_ms", attempt) is None
    assert value("max_gc_pause_ms", an_attempt()) is None


def test_a_spread_is_within_a_group() -> None:
    """Workers of one group are compared, groups are not; of several the widest counts."""

    def began(group: str, offset_ms: float, phase: str = "load") -> AcceptedAttempt:
        seen = Observation(metric="start_offset_ms", value=offset_ms, phase=phase)
        return an_attempt(group=group, observations=(seen,))

    attempts = [began("a", 1.0), began("a", 4.0), began("b", 100.0), began("b", 105.0)]
    assert value("start_skew_ms", *attempts) == pytest.approx(5)
    assert value("start_skew_ms", *attempts[:2]) == pytest.approx(3)
    assert value("start_skew_ms", attempts[0], attempts[2]) is None
    assert value("start_skew_ms", *attempts, phase="outage") is None
    two_phases = [began("a", 1.0), began("a", 9.0, phase="outage")]
    assert value("start_skew_ms", *two_phases) is None
