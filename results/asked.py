"""Metrics as they are asked for over time: any percentile after the fact, or a stored one."""

import re
from dataclasses import dataclass, replace

from results.errors import UnknownMetricError
from results.merging import Ending
from results.metric_names import resolve_metric
from results.operation_metrics import PERCENTILES

_COUNTED = "operations"
_SHORT = re.compile(r"p(\d{1,3}(?:\.\d+)?)(_service)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A percentile of operations' times, or a stored metric where `percentile` is None.

    `service` asks for times from when an operation was sent, not from when it was due.
    """

    name: str
    unit: str
    percentile: float | None
    service: bool = False

    @property
    def counting(self) -> str:
        """The stored metric that tells which runs there are."""
        return self.name if self.percentile is None else _COUNTED


def resolve(name: str) -> Asked:
    """What is asked for: any percentile, such as `p99.95` or `p42_service`, or a stored metric.

    Raises:
        UnknownMetricError: It is neither.
    """
    short = _SHORT.fullmatch(name)
    if short is not None:
        return _percentile(float(short[1]), service=short[2] is not None)
    metric = resolve_metric(name)
    stored = PERCENTILES.get(metric.name)
    if stored is None or stored.ending is not Ending.ANY:
        return Asked(name=metric.name, unit=metric.unit, percentile=None)
    return replace(_percentile(stored.percentile, service=stored.service), name=metric.name)


def _percentile(percentile: float, *, service: bool) -> Asked:
    if not 0 <= percentile <= 100:  # noqa: PLR2004 - per cent
        raise UnknownMetricError(f"no percentile p{percentile:g}: they go from p0 to p100")
    kind = "service" if service else "response"
    text = f"{percentile:g}".replace(".", "_")
    name = f"p{text}_{kind}_time_ms"
    return Asked(name=name, unit="ms", percentile=percentile, service=service)
