"""Pictures made of text."""

import pytest

from pipeline.cli.pictures import bar, shift_line, sparkline


@pytest.mark.parametrize(
    ("value", "drawn"), [(0, ""), (1, "▌"), (8, "████"), (3, "█▌"), (99, "████"), (-1, "")]
)
def test_a_bar_is_as_long_as_its_value(value: float, drawn: str) -> None:
    """Eight is four characters long; more than the largest fills the width."""
    assert bar(value, 8, 4) == drawn


def test_a_bar_of_nothing_is_empty() -> None:
    """Where every value is zero there is nothing to draw."""
    assert not bar(0, 0, 4)


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    """Each value has one character."""
    assert sparkline([0, 7, 3.5]) == "▁█▅"


def test_equal_values_are_drawn_level() -> None:
    """A flat series has no false ups and downs."""
    assert sparkline([5, 5]) == "▄▄"
    assert not sparkline([])


def test_a_shift_is_drawn_around_its_middle() -> None:
    """Longer lies above, shorter below, hardly any is a dot; three times is as far as it goes."""
    assert shift_line([0.1, 1 / 3, 0.8, 0.99, 1.0, 1.3, 3.0, 50.0]) == "▁▁▄··▅██"
