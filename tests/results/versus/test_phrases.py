"""Findings in words."""

import pytest

from results.versus.estimating import Surroundings, estimate
from results.versus.phrases import Names, change_of, grouped, value_of
from results.versus.question import Place
from tests.results.versus.sides import P50, a_question, a_side

FLAT = [100.0, 101.0, 99.0, 100.0, 100.5]


def change(name: str, a: list[float], b: list[float]) -> str:
    """By how much B differs."""
    question = a_question(a_side(a), a_side(b, first="b"), name)
    return change_of(question, estimate(question.a, question.b, Surroundings()))


def test_changes_in_words() -> None:
    """Per cent up to three times, then times; differences from 0; intervals where there are."""
    assert change(P50, [100.0], [115.3]) == "15.3 % higher"
    assert change(P50, FLAT, [1.153 * each for each in FLAT]) == "15.3 % higher (14.1 to 16.6 %)"
    assert change(P50, FLAT, [0.9 * each for each in FLAT]) == "10.0 % lower (9.0 to 11.0 %)"
    assert change(P50, FLAT, [7 * each for each in FLAT]) == "7 times as high (6.92 to 7.08 times)"
    assert change("time_to_recover_s", [0.0] * 3, [1.5] * 3) == "1.5 s higher (1.5 s to 1.5 s)"
    assert change("errors", [0.0] * 3, [0.0] * 3) == "the same"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.00147, "1.47 us"), (0.00079, "790 ns"), (12.3, "12.3 ms"), (1500.0, "1.5 s"), (0, "0 ms")],
)
def test_times_are_told_in_a_unit_that_fits(value: float, said: str) -> None:
    """One to three digits before the point."""
    assert value_of(a_question(a_side([1.0]), a_side([1.0])), value) == said


def test_names_tell_what_has_to_be_told() -> None:
    """Scenario and subject only where there are several; phase, operation and settings always."""
    sides = {"a": a_side([1.0]), "b": a_side([1.0], first="b")}
    place = Place(
        scenario="small",
        subjects=("null", "null"),
        parameters='{"users": 4}',
        phase="read",
        operation="get",
    )
    of_get = a_question(**sides, name="times", place=place)
    assert Names.among([of_get]).of(of_get) == "get times in read with users=4"
    several = Names.among([of_get, a_question(**sides)])
    assert several.of(of_get) == "small (null) get times in read with users=4"


def test_equal_reasons_are_told_once() -> None:
    """After the names of what they are about, three of them."""
    reasons = [(name, "too few") for name in "abcd"] + [("e", "noise")]
    assert grouped(reasons) == ["a, b, c and 1 more: too few", "e: noise"]
