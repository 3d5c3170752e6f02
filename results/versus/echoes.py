"""Metrics that say the same of both sides: in a closed loop service times are response times."""

from collections.abc import Sequence

from results.echoes import echoes
from results.versus.question import Question


def without_echoes(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions without those about operations whose figures another one has already.

    Each would be judged, counted and corrected for, and tell nothing of its own.

    Args:
        questions: In the order of the table of metrics, so that what callers meet comes first.
    """
    kept: dict[tuple[object, ...], Question] = {}
    for question in questions:
        kept.setdefault(_figures(question), question)
    return tuple(kept.values())


def _figures(question: Question) -> tuple[object, ...]:
    if not echoes(question.metric):
        return (id(question),)
    sides = (tuple(side.by_repeat.items()) for side in (question.a, question.b))
    return (question.place, question.metric.unit, *sides)
