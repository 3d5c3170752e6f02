"""Makes questions of what is stored: the series of both sides, with what is known of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from sqlalchemy import Connection, select

from results.errors import NothingComparableError
from results.metrics import METRICS, Source
from results.series import Point, Selection, Series, SeriesKey, series_in
from results.tables import runs, summaries
from results.versus.distributions import Distributions
from results.versus.echoes import without_echoes
from results.versus.estimating import Surroundings
from results.versus.incomparable import why_nothing
from results.versus.machine import CALIBRATION, times_slower
from results.versus.machine_noise import MachineNoise
from results.versus.question import Place, Question
from results.versus.side import RunFigures, Side, are_positive
from results.versus.sides import Sides
from results.versus.wish import Wish

_OPERATIONS = "operations"
_ALWAYS = (_OPERATIONS, CALIBRATION, "p50_response_time_ms")
_HISTORY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What there is to compare.

    Args:
        questions: A metric each.
        machine: How many times slower the machine itself was for B; None where it was not.
        only: How many series only A has, and only B.
        lost: Metrics that only A has a figure of, where both measured the same.
    """

    questions: tuple[Question, ...]
    machine: float | None
    only: tuple[int, int]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A series of both sides; its history is what other runs had."""

    key: SeriesKey
    place: Place
    a: Side
    b: Side
    history: tuple[float, ...]


def ask(connection: Connection, sides: Sides, wish: Wish) -> Asked:
    """Every question that the two sides have figures for.

    Args:
        connection: A reading transaction.
        sides: What is compared.
        wish: What is wanted of it.

    Raises:
        NothingComparableError: They have no series in common; it says why.
    """
    found = series_in(connection, _selection(connection, sides, wish))
    matches, only = _match(found, sides)
    maker = _Maker(
        matches=matches,
        distributions=Distributions.read(connection, sides, wish),
        noise=MachineNoise(connection),
    )
    asked = [each for match in matches for each in maker.of(match) if wish.has(each.name)]
    questions = without_echoes(asked)
    if not questions:
        keys = [{each.key for each in found if _side(each, sides, place)} for place in range(2)]
        raise NothingComparableError(why_nothing(sides, keys[0], keys[1]))
    machine = None if sides.by_subject else _machine(matches)
    counted = tuple(_counted(each, wish) for each in only)
    lost = tuple(name for name in _lost(found, sides) if wish.has(name))
    return Asked(questions=questions, machine=machine, only=(counted[0], counted[1]), lost=lost)


def _selection(connection: Connection, sides: Sides, wish: Wish) -> Selection:
    named = () if wish.metrics is None else tuple({*wish.metrics, *_ALWAYS} & set(METRICS))
    others = frozenset[str]() if sides.by_subject else _recent(connection, sides.run_ids)
    return Selection(
        metrics=named,
        scenario=wish.scenario,
        subject=None if sides.by_subject else wish.subject,
        phase=wish.phase,
        run_ids=tuple(sorted(sides.run_ids | others)),
    )


def _recent(connection: Connection, run_ids: frozenset[str]) -> frozenset[str]:
    """The newest runs that measured something which these did, to know how far runs differ."""
    scenarios = select(summaries.c.scenario).where(summaries.c.run_id.in_(run_ids)).distinct()
    of_them = select(summaries.c.run_id).where(summaries.c.scenario.in_(scenarios))
    newest = (
        select(runs.c.run_id)
        .where(runs.c.run_id.in_(of_them), runs.c.excluded_reason.is_(None))
        .order_by(runs.c.created_at.desc())
        .limit(_HISTORY + len(run_ids))
    )
    return frozenset(connection.execute(newest).scalars())


def _match(
    found: Sequence[Series], sides: Sides
) -> tuple[list[_Match], tuple[list[str], list[str]]]:
    """The series of both sides; and the metrics of those that only one of them has."""
    of_a = {_shared_key(each.key, sides): each for each in found if _side(each, sides, 0)}
    of_b = {_shared_key(each.key, sides): each for each in found if _side(each, sides, 1)}
    matches = [_matched(of_a[key], of_b[key], sides) for key in of_a if key in of_b]
    only_a = [each.key.metric for key, each in of_a.items() if key not in of_b]
    only_b = [each.key.metric for key, each in of_b.items() if key not in of_a]
    return matches, (only_a, only_b)


def _lost(found: Sequence[Series], sides: Sides) -> list[str]:
    """What A has a figure of and B has none, in a place where B was measured too."""
    of_a, of_b = (
        {_shared_key(each.key, sides) for each in found if _side(each, sides, place)}
        for place in range(2)
    )
    places = {key[1:] for key in of_b}
    return sorted({str(key[0]) for key in of_a - of_b if key[1:] in places})


def _shared_key(key: SeriesKey, sides: Sides) -> tuple[str | None, ...]:
    """What has to be equal on both sides; the class of machine too, where there is one."""
    subject = None if sides.by_subject else key.subject
    return key.metric, key.scenario, subject, key.parameters, key.environment_class, key.phase


def _side(series: Series, sides: Sides, place: int) -> Side | None:
    chosen = (sides.a, sides.b)[place]
    if chosen.subject not in (None, series.key.subject):
        return None
    own = [_figures(point) for point in series.counted if point.run_id in chosen.run_ids]
    return Side(runs=tuple(own)) if own else None


def _figures(point: Point) -> RunFigures:
    values = dict(zip(point.repeats, point.values, strict=True))
    return RunFigures(run_id=point.run_id, at_s=point.created_at_s, values=values)


def _matched(of_a: Series, of_b: Series, sides: Sides) -> _Match:
    a, b = _side(of_a, sides, 0), _side(of_b, sides, 1)
    if a is None or b is None:
        msg = "a series without runs of its side"
        raise AssertionError(msg)
    key = of_b.key
    others = (point.value for point in of_b.counted if point.run_id not in sides.run_ids)
    place = Place(
        scenario=key.scenario,
        subjects=(of_a.key.subject, key.subject),
        parameters=key.parameters,
        environment_class=key.environment_class,
        phase=key.phase,
    )
    return _Match(key, place, a, b, tuple(others))


@dataclass(frozen=True)
class _Maker:
    """Adds to each match what is known beside its own figures."""

    matches: Sequence[_Match]
    distributions: Distributions
    noise: MachineNoise

    def of(self, match: _Match) -> Iterator[Question]:
        metric = METRICS[match.key.metric]
        yield Question(
            name=metric.name,
            place=match.place,
            a=match.a,
            b=match.b,
            around=Surroundings(
                history=match.history,
                noise=self.noise.of(metric.name, match.key.environment_class),
                sampling=self.distributions.sampling_error(metric, match.place),
                is_count=metric.unit == "count",
            ),
            more_operations=self._more_operations(match),
        )
        if metric.name == "p50_response_time_ms":
            # Whole distributions wander from run to run as their medians do.
            noise = self.noise.of(metric.name, match.key.environment_class)
            around = Surroundings(history=match.history, noise=noise)
            yield from self.distributions.questions(match.place, around, match.a, match.b)

    def _more_operations(self, match: _Match) -> float:
        metric = METRICS[match.key.metric]
        if not metric.adds_up or metric.source is Source.TIMES:
            return 0.0
        return next(
            (
                _log_ratio(each.a, each.b)
                for each in self.matches
                if each.key.metric == _OPERATIONS and each.place == match.place
            ),
            0.0,
        )


def _log_ratio(a: Side, b: Side) -> float:
    if not are_positive(a.values, b.values):
        return 0.0
    return fmean(map(math.log, b.values)) - fmean(map(math.log, a.values))


def _machine(matches: Sequence[_Match]) -> float | None:
    calibrations = [match for match in matches if match.key.metric == CALIBRATION]
    a, b = (
        [value for match in calibrations for value in side(match).values] for side in (_of_a, _of_b)
    )
    return times_slower(a, b, [value for match in calibrations for value in match.history])


def _of_a(match: _Match) -> Side:
    return match.a


def _of_b(match: _Match) -> Side:
    return match.b


def _counted(metrics: Sequence[str], wish: Wish) -> int:
    return sum(wish.has(name) for name in metrics)
