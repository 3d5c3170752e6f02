"""Series drawn with characters."""

from pipeline.cli.plots import Level, plot


def test_points_lie_where_their_values_are() -> None:
    """The highest at the top, the lowest at the bottom, the oldest to the left."""
    first, *_, last = plot([1.0, 5.0], [Level(first=0, end=2, value=3.0)], height=4)
    assert first.startswith("5 ┤")
    assert last.startswith("1 ┤")
    assert first[-1] == chr(0x2800 + 0x08)
    assert last[3] == chr(0x2800 + 0x40)


def test_points_share_a_character() -> None:
    """Four rows and two columns of dots each."""
    lines = plot([float(place % 2) for place in range(400)], [Level(first=0, end=400, value=0.5)])
    assert max(map(len, lines)) <= 88
    # Where many lie above each other, both columns of dots of each character are set.
    assert lines[0].count(chr(0x2800 + 0x01 + 0x08)) > 60
    assert "─" * 60 in "".join(lines)


def test_levels_and_the_change_between_them() -> None:
    """A line at each level, and an upright of the whole height between them."""
    levels = [Level(first=0, end=10, value=1.0), Level(first=10, end=20, value=9.0)]
    lines = plot([1.0] * 10 + [9.0] * 10, levels, height=5)
    assert all("┊" in line for line in lines)
    upright = lines[2].index("┊")
    assert {line.index("┊") for line in lines} == {upright}
    # Points and level lie in the same row: dots where there are points, the line between them.
    assert "─" in lines[-1][:upright]
    assert "─" in lines[0][upright:]


def test_a_constant_series_is_a_line_in_the_middle() -> None:
    """No division by its height of nothing."""
    lines = plot([2.0] * 5, [Level(first=0, end=5, value=2.0)], height=3)
    assert [bool(line.split("┤")[1].strip()) for line in lines] == [False, True, False]
