"""What a scenario expects of its figures, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Verdict(StrEnum):
    """The outcome of one check; a check with nothing to judge is unknown, never passed."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One check of a scenario; each counts as a test in the report.

    At most one of `at_least`, `at_most` and `equals` is set; without any, the bound is the one that
    the subject promises of itself, and a subject that promises none is not judged.

    Args:
        metric: A name of `results.metrics.METRICS`.
        phase: The phase that is judged; all measured (not warm-up) phases where None.
        operation: Only this operation (`get`, `set`, ...); all where None.
        tier: Only what this tier served (`l1`, `l2`, `l3`, `origin`, `miss`); all where None.
        relative_to_phase: The figure is divided by the same figure of this phase before judging.
        relative_to_subject: The figure is divided by the same figure of this subject in the run.
        relative_to_calibration: The figure, a time, is divided by the machine's own; a rate is
            multiplied by it. `loop` is a fixed loop of Python, `ping` a round trip to L2, both
            measured with each attempt.
        at_least: The smallest figure that passes, in the metric's unit.
        at_most: The largest figure that passes, in the metric's unit.
        equals: The only figure that passes, in the metric's unit.

    At most one `relative_to_...` is set; the bound is then a ratio and has no unit.
    """

    metric: str
    phase: str | None = None
    operation: str | None = None
    tier: str | None = None
    relative_to_phase: str | None = None
    relative_to_subject: str | None = None
    relative_to_calibration: Literal["loop", "ping"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    equals: float | None = None

    @property
    def bound(self) -> str:
        """The bound as people write it, such as `<= 50`."""
        for sign, value in ((">=", self.at_least), ("<=", self.at_most), ("==", self.equals)):
            if value is not None:
                return f"{sign} {value:g}"
        return "as promised"

    @property
    def promised(self) -> bool:
        """Whether the bound is left to what the subject promises."""
        return self.at_least is self.at_most is self.equals is None

    @property
    def threshold(self) -> str:
        """What kind of bound it is: `absolute`, or what it is relative to."""
        for what, name in (
            ("phase", self.relative_to_phase),
            ("subject", self.relative_to_subject),
            ("calibration", self.relative_to_calibration),
        ):
            if name is not None:
                return f"relative to {what} {name}"
        return "absolute"

    def met_by(self, actual: float) -> bool:
        """Whether `actual`, in the metric's unit, lies within the bound."""
        if self.at_least is not None:
            return actual >= self.at_least
        if self.at_most is not None:
            return actual <= self.at_most
        return actual == self.equals


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An expectation with the figure that was seen.

    `actual` is None where there was nothing to judge; `reason` then says why. `promised` says that
    the expectation's bound was not given: it is what the subject promises.
    """

    expectation: Expectation
    verdict: Verdict
    actual: float | None
    reason: str = ""
    promised: bool = False

    @property
    def bound(self) -> str:
        """The bound as people write it, such as `<= 50` or `<= 50, as promised`."""
        bound = self.expectation.bound
        return f"{bound}, as promised" if self.promised else bound
