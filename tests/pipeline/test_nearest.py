"""The end of the line that says that a name does not exist."""

from pipeline.nearest import suggest


def test_near_names_are_suggested() -> None:
    """The nearest first, and no more than were asked for."""
    assert suggest("trends", ["trend", "trace", "run"], count=1) == "; did you mean trend?"
    assert suggest("tren", ["trends", "trend", "bench"]) == "; did you mean trend or trends?"


def test_where_none_is_near_a_short_list_is_shown_whole() -> None:
    """In the order of the alphabet."""
    assert suggest("xyz", ["beta", "alpha"]) == "; known: alpha, beta"
    assert suggest("xyz", []) == ""


def test_of_a_long_list_the_least_far_are_shown() -> None:
    """A screen full of names helps nobody."""
    assert suggest("zz", [f"name-{number}" for number in range(100)], count=2).count(" or ") == 1
