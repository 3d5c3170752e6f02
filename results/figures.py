"""What the accepted attempts of one scenario on one subject saw, merged on demand.

A phase of None stands for all measured phases, warm-up left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from results.accepted import AcceptedAttempt
from results.attempt_result import Distribution, Observation, PhaseSpan
from results.histogram import Histogram
from results.merging import Ending, OperationTimes, Selection
from results.struck import Strikes


class Figures:
    """The merged figures of some accepted attempts.

    Args:
        attempts: Attempts of one scenario on one subject, of any repeats and shards.
    """

    def __init__(self, attempts: Sequence[AcceptedAttempt]) -> None:
        self.attempts = attempts
        self._times = OperationTimes(attempts)
        self._observations = _by_metric(attempts)

    @property
    def repeats(self) -> list[int]:
        """The repeats that have an accepted attempt, in order."""
        return list(self.by_repeat)

    @cached_property
    def by_repeat(self) -> Mapping[int, "Figures"]:
        """The figures of each repeat alone, in order."""
        found: defaultdict[int, list[AcceptedAttempt]] = defaultdict(list)
        for attempt in self.attempts:
            found[attempt.repeat].append(attempt)
        return {repeat: Figures(found[repeat]) for repeat in sorted(found)}

    @property
    def phases(self) -> list[str]:
        """Names of the measured phases, in the order in which they ran."""
        return [phase for phase, warmup in self._spans if not warmup]

    @property
    def loops(self) -> dict[str, str]:
        """The kind of load of every phase, warm-up too, in the order in which they ran."""
        return {phase: loop for (phase, _), loop in self._spans.items()}

    @cached_property
    def searches(self) -> frozenset[str]:
        """The phases that sought the highest rate."""
        return frozenset(phase for phase, loop in self.loops.items() if loop == "search")

    @cached_property
    def _spans(self) -> dict[tuple[str, bool], str]:
        spans = (span for attempt in self.attempts for span in attempt.phases)
        return {(span.phase, span.warmup): span.loop for span in spans}

    @property
    def unsupported(self) -> frozenset[str]:
        """Tiers, metrics and operations that the subject lacks."""
        return frozenset[str]().union(*(attempt.unsupported for attempt in self.attempts))

    @property
    def shared(self) -> bool:
        """Whether any attempt overlapped another on its machine."""
        return any(attempt.shared for attempt in self.attempts)

    @property
    def environment_class(self) -> str | None:
        """The class of machine of all attempts; None where there are several or none."""
        classes = {attempt.environment_class for attempt in self.attempts}
        return classes.pop() if len(classes) == 1 else None

    def times(
        self,
        phase: str | None = None,
        operation: str | None = None,
        tier: str | None = None,
        *,
        ending: Ending = Ending.ANY,
        service: bool = False,
    ) -> Histogram:
        """Times of the operations that match, failures included unless `ending` says otherwise.

        Args:
            phase: Only this phase.
            operation: Only this operation.
            tier: Only what this tier served.
            ending: Only what ended so.
            service: Times from when an operation was sent, not from when it was due.
        """
        return self._times.merged(Selection(phase, operation, tier, ending, service))

    def comparable_times(
        self,
        phase: str | None = None,
        operation: str | None = None,
        tier: str | None = None,
        *,
        ending: Ending = Ending.ANY,
        service: bool = False,
    ) -> Histogram:
        """As `times`, without searches: their trials go at many rates, some past what is served.

        All trials together have no percentile and no mean that says anything of the subject.
        """
        without = self.searches
        return self._times.merged(Selection(phase, operation, tier, ending, service, without))

    @cached_property
    def strikes(self) -> Strikes:
        """The windows of the faults that struck them."""
        return Strikes(self.attempts)

    def served(self) -> list[tuple[str, str]]:
        """Each operation with each tier that served it in a measured phase, sorted."""
        return self._times.served()

    def distribution(self, name: str, phase: str | None = None) -> Histogram | None:
        """What was kept under one of `metrics.DISTRIBUTIONS`; None where nobody watched it."""
        found = [
            each.histogram
            for attempt in self.attempts
            for each in attempt.distributions
            if each.name == name and _is_phase(each, phase)
        ]
        return Histogram.merge(found) if found else None

    def phase_time_s(
        self, phase: str | None, *, without: frozenset[str] = frozenset()
    ) -> float | None:
        """Summed length of a phase; of a group's shards, which begin together, the longest counts.

        Args:
            phase: Only this phase.
            without: Phases that do not count.
        """
        lengths: defaultdict[tuple[int, str], float] = defaultdict(float)
        for place, attempt in enumerate(self.attempts):
            for span in attempt.phases:
                if _is_phase(span, phase) and span.phase not in without:
                    lengths[place, span.phase] += span.end_s - span.start_s
        return _over_groups(
            (self.attempts[place], name, length_s) for (place, name), length_s in lengths.items()
        )

    def execution_time_s(self) -> float | None:
        """Summed length of the attempts; shards of a group count once."""
        return _over_groups((each, None, each.execution_time_s) for each in self.attempts)

    def observed(self, metric: str, phase: str | None) -> list[float]:
        """Every figure that attempts observed of a metric.

        Without a phase an attempt's figure for its whole counts alone, where it gave one.
        """
        found = self._observations.get(metric, {}).values()
        return [value for observations in found for value in _observed(observations, phase)]

    def spread(self, metric: str, phase: str | None) -> float | None:
        """The largest less the smallest figure in a group and phase, of those that differ most.

        Returns:
            None where no group has two attempts that observed it.
        """
        found: defaultdict[tuple[int, str, str | None], list[float]] = defaultdict(list)
        for place, observations in self._observations.get(metric, {}).items():
            attempt = self.attempts[place]
            for each in observations:
                if _is_phase(each, phase):
                    found[attempt.repeat, attempt.group, each.phase].append(each.value)
        groups = (values for values in found.values() if len(values) > 1)
        return max((max(values) - min(values) for values in groups), default=None)


def _over_groups(lengths: Iterable[tuple[AcceptedAttempt, str | None, float]]) -> float | None:
    longest: dict[tuple[int, str, str | None], float] = {}
    for attempt, phase, length_s in lengths:
        place = (attempt.repeat, attempt.group, phase)
        longest[place] = max(longest.get(place, 0.0), length_s)
    return sum(longest.values()) if longest else None


def _by_metric(
    attempts: Iterable[AcceptedAttempt],
) -> Mapping[str, Mapping[int, list[Observation]]]:
    found: defaultdict[str, defaultdict[int, list[Observation]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for place, attempt in enumerate(attempts):
        for each in attempt.observations:
            found[each.metric][place].append(each)
    return found


def _is_phase(found: Distribution | PhaseSpan | Observation, phase: str | None) -> bool:
    return not found.warmup if phase is None else found.phase == phase


def _observed(observations: Sequence[Observation], phase: str | None) -> list[float]:
    whole = [each.value for each in observations if each.phase is None]
    if phase is None and whole:
        return whole
    return [
        each.value for each in observations if each.phase is not None and _is_phase(each, phase)
    ]
