"""Whether the machine itself was another one."""

import pytest

from results.versus.machine import times_slower

USUAL = [9.0, 9.5, 10.0, 10.5, 11.0, 11.5]


@pytest.mark.parametrize(
    ("b", "others", "slower"),
    [
        ([14.0, 14.1], [], 1.405),
        ([10.4, 10.3], [], None),
        ([11.0, 10.9], [], 1.095),
        ([11.0, 10.9], USUAL, None),
        ([11.0, 10.9], USUAL[:4], 1.095),
        ([14.0, 14.1], USUAL, 1.405),
        ([14.0, 14.1], [*USUAL, 15.0], 1.405),
        ([11.0, 10.9], USUAL[:-1], None),
        ([14.0, 6.0], [], None),
        ([], [], None),
    ],
)
def test_how_many_times_slower_it_was(
    b: list[float], others: list[float], slower: float | None
) -> None:
    """Beyond 5 %, its own scatter, and what other runs of the series have seen."""
    assert times_slower([10.0, 10.0], b, others) == (slower and pytest.approx(slower))
