"""Metrics that say the same are asked about once."""

from results.versus.echoes import without_echoes
from results.versus.question import Place, Question
from tests.results.versus.sides import a_question, a_side

ELSEWHERE = Place(scenario="other", subjects=("multilevel", "multilevel"))


def _question(name: str, *values: float) -> Question:
    return a_question(a_side(values), a_side(values, first="b"), name)


def test_the_first_of_those_that_say_the_same_is_kept() -> None:
    """Of operations' times, in one place and one unit."""
    response = _question("p50_response_time_ms", 1.0, 2.0)
    service = _question("p50_service_time_ms", 1.0, 2.0)
    slower = _question("p99_response_time_ms", 3.0, 4.0)
    assert without_echoes([response, service, slower]) == (response, slower)


def test_counts_places_and_units_are_told_apart() -> None:
    """None of them says what another one says, whatever its figures are."""
    elsewhere = a_question(a_side([1.0]), a_side([1.0], first="b"), "p50_response_time_ms")
    questions = (
        _question("errors", 0.0),
        _question("lost_writes", 0.0),
        _question("stale_reads", 0.0),
        _question("p50_response_time_ms", 1.0),
        Question(name="p50_response_time_ms", place=ELSEWHERE, a=elsewhere.a, b=elsewhere.b),
        _question("error_rate", 1.0),
    )
    assert without_echoes(questions) == questions
