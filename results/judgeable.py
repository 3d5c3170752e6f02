"""Which expectations can be judged at all."""

from results.errors import InvalidExpectationError
from results.expectation import Expectation
from results.metrics import METRICS, Direction
from results.relative import TIMES_AND_RATES, scope_of
from results.scope import check_scope


def check_expectation(expectation: Expectation) -> None:
    """Refuse an expectation that could never be judged.

    Raises:
        InvalidExpectationError: Its metric is unknown or not kept by operation or tier, it has
            several bounds or none where nobody could promise one, or it is relative to several
            things or to what can't be compared.
    """
    if expectation.metric not in METRICS:
        raise InvalidExpectationError(f"there is no metric {expectation.metric!r}")
    _check_bound(expectation)
    check_scope(expectation.metric, scope_of(expectation))
    _check_relation(expectation)


def _check_bound(expectation: Expectation) -> None:
    bounds = (expectation.at_least, expectation.at_most, expectation.equals)
    if sum(bound is not None for bound in bounds) > 1:
        raise InvalidExpectationError(
            f"{expectation.metric} can have only one of at_least, at_most and equals"
        )
    if not expectation.promised:
        return
    if METRICS[expectation.metric].direction is Direction.NEITHER:
        raise InvalidExpectationError(
            f"{expectation.metric} needs one of at_least, at_most and equals: nobody promises "
            "anything of it"
        )
    if expectation.threshold != "absolute":
        raise InvalidExpectationError(
            f"{expectation.metric} needs one of at_least, at_most and equals: what is promised is "
            f"not {expectation.threshold}"
        )


def _check_relation(expectation: Expectation) -> None:
    relations = (
        expectation.relative_to_phase,
        expectation.relative_to_subject,
        expectation.relative_to_calibration,
    )
    if sum(relation is not None for relation in relations) > 1:
        raise InvalidExpectationError(
            f"{expectation.metric} can be relative to one thing only: a phase, a subject or the "
            "calibration"
        )
    unit = METRICS[expectation.metric].unit
    if expectation.relative_to_calibration is not None and unit not in TIMES_AND_RATES:
        raise InvalidExpectationError(
            f"{expectation.metric} is neither a time nor a rate; only these are relative to the "
            "calibration"
        )
