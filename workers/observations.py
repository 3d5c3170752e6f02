"""From measured phases to observations: figures by the names of `results.metrics`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from results.records import Observation
from workers.caller import DEPTH
from workers.measured import MeasuredPhase


def of_phase(measured: MeasuredPhase) -> Iterator[Observation]:
    """The figures of one phase; those that it has none of are left out."""
    figures: dict[str, float | None] = {
        **{f"reads_{tier}": measured.reads.get(tier, 0) for tier in DEPTH},
        "loads": measured.loads,
        **asdict(measured.findings),
        "warmed_keys": measured.warmed_keys,
        "health_turned_s": measured.health_turned_s,
        "health_recovered_s": measured.health_recovered_s,
        "worker_cpu_ratio": worker_cpu_ratio([measured], warmup=measured.phase.warmup),
        "phase_duration_s": measured.duration_s,
    }
    for metric, value in figures.items():
        if value is not None:
            yield Observation(
                metric=metric,
                value=float(value),
                phase=measured.phase.name,
                warmup=measured.phase.warmup,
            )


def worker_cpu_ratio(phases: Sequence[MeasuredPhase], *, warmup: bool = False) -> float | None:
    """Processor time over wall time of the measured phases; None where there is none.

    Args:
        phases: Any phases.
        warmup: Whether the warm-up phases among them are meant instead.
    """
    measured = [each for each in phases if each.phase.warmup is warmup]
    wall_s = sum(each.duration_s for each in measured)
    return sum(each.cpu_s for each in measured) / wall_s if wall_s else None


def statistics_mismatches(
    phases: Sequence[MeasuredPhase], statistics: Mapping[str, int]
) -> int | None:
    """How many of the subject's own counts differ from what its caller saw.

    Args:
        phases: All phases since the subject was started.
        statistics: `l1_hits`, `l2_hits`, `l3_hits`, `reads`; empty where it keeps none.

    Returns:
        None where there is nothing to compare.
    """
    if not statistics:
        return None
    reads: Counter[str] = Counter()
    for measured in phases:
        reads.update(measured.reads)
    own = {f"{tier}_hits": reads[tier] for tier in ("l1", "l2", "l3")} | {"reads": reads.total()}
    return sum(statistics[name] != count for name, count in own.items() if name in statistics)
