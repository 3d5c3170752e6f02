"""The whole stored distributions of both sides."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from results.histogram import Histogram
from results.metrics import Metric
from results.storage.times import RepeatTimes, times_of_runs
from results.versus.estimating import Surroundings
from results.versus.headline import TIMES
from results.versus.percentile_error import sampling_error
from results.versus.question import Place, Question
from results.versus.shift import geometric_mean_ms, shift
from results.versus.side import Side
from results.versus.sides import Sides
from results.versus.wish import Wish
from results.versus.words import Chosen

_Where = tuple[str, str, str, str | None]
_RESPONSE_TIME = "_response_time_ms"


@dataclass(frozen=True)
class Distributions:
    """Times of operations by where they were measured, A's and B's."""

    a: Mapping[_Where, Sequence[RepeatTimes]]
    b: Mapping[_Where, Sequence[RepeatTimes]]

    @classmethod
    def read(cls, connection: Connection, sides: Sides, wish: Wish) -> "Distributions":
        """What is still stored of both sides; nothing where only other metrics are wanted."""
        if not wish.has(TIMES) and not any(map(_is_of_times, wish.metrics or ())):
            return cls({}, {})
        return cls(_read(connection, sides.a, wish), _read(connection, sides.b, wish))

    def sampling_error(self, metric: Metric, place: Place) -> float | None:
        """How unsure a percentile of response times is by its number of operations alone."""
        if metric.percentile is None or not _is_of_times(metric.name):
            return None
        a, b = self._both(place)
        return sampling_error(_by_repeat(a), _by_repeat(b), metric.percentile)

    def questions(
        self, place: Place, around: Surroundings, a_runs: Side, b_runs: Side
    ) -> Iterator[Question]:
        """One for each operation that both sides did.

        Args:
            place: Where.
            around: What is known of the spread.
            a_runs: A side with A's runs, for their times.
            b_runs: The same of B.
        """
        a, b = self._both(place)
        for operation in sorted({each.operation for each in a} & {each.operation for each in b}):
            of_a, of_b = ([each for each in side if each.operation == operation] for side in (a, b))
            found = shift(_merged(of_a), _merged(of_b))
            if found is not None:
                yield Question(
                    name=TIMES,
                    place=replace(place, operation=operation),
                    a=_side(of_a, a_runs),
                    b=_side(of_b, b_runs),
                    around=around,
                    shift=found,
                )

    def _both(self, place: Place) -> tuple[Sequence[RepeatTimes], Sequence[RepeatTimes]]:
        where = [
            (place.scenario, subject, place.parameters, place.environment_class)
            for subject in place.subjects
        ]
        return self.a.get(where[0], ()), self.b.get(where[1], ())


def _read(
    connection: Connection, chosen: Chosen, wish: Wish
) -> Mapping[_Where, Sequence[RepeatTimes]]:
    found: defaultdict[_Where, list[RepeatTimes]] = defaultdict(list)
    for each in times_of_runs(
        connection,
        sorted(chosen.run_ids),
        scenario=_plain(wish.scenario),
        subject=chosen.subject or _plain(wish.subject),
        phase=wish.phase,
    ):
        where = (each.scenario, each.subject, each.parameters, each.environment_class)
        found[where].append(each)
    return found


def _plain(pattern: str | None) -> str | None:
    """A name that is no pattern; what a pattern leaves out is left out by its series."""
    return None if pattern is None or {"*", "?", "["}.intersection(pattern) else pattern


def _side(times: Sequence[RepeatTimes], like: Side) -> Side:
    """The geometric mean of each repeat, in the runs of a side."""
    by_run: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for each in times:
        mean = geometric_mean_ms(each.histogram)
        if mean is not None:
            by_run[each.run_id][each.repeat] = mean
    runs = (replace(run, values=by_run[run.run_id]) for run in like.runs if run.run_id in by_run)
    return Side(runs=tuple(runs))


def _merged(times: Sequence[RepeatTimes]) -> Histogram:
    return Histogram.merge(each.histogram for each in times)


def _is_of_times(name: str) -> bool:
    return name.startswith("p") and name.endswith(_RESPONSE_TIME) and "_ok_" not in name


def _by_repeat(times: Sequence[RepeatTimes]) -> list[Histogram]:
    found: defaultdict[tuple[str, int], list[RepeatTimes]] = defaultdict(list)
    for each in times:
        found[each.run_id, each.repeat].append(each)
    return [_merged(each) for each in found.values()]
