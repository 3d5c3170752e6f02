"""Student's t beside the printed table (NIST/SEMATECH e-Handbook, 1.3.6.7.2)."""

import pytest

from results.student import probability_below, quantile


@pytest.mark.parametrize(
    ("probability", "degrees", "printed"),
    [
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 3, 3.182),
        (0.975, 4, 2.776),
        (0.975, 9, 2.262),
        (0.975, 30, 2.042),
        (0.975, 100, 1.984),
        (0.9, 1, 3.078),
        (0.9, 10, 1.372),
        (0.95, 5, 2.015),
        (0.99, 7, 2.998),
        (0.995, 20, 2.845),
        (0.999, 2, 22.327),
    ],
)
def test_quantiles_are_those_of_the_table(probability: float, degrees: int, printed: float) -> None:
    """To the three decimals that are printed."""
    assert quantile(probability, degrees) == pytest.approx(printed, abs=0.0005)


def test_many_degrees_of_freedom_are_the_normal_distribution() -> None:
    """The limit is 1.95996 and 0.84162."""
    assert quantile(0.975, 1_000_000) == pytest.approx(1.95996, abs=0.00001)
    assert quantile(0.8, 1_000_000) == pytest.approx(0.84162, abs=0.00001)


def test_two_degrees_of_freedom_have_a_closed_form() -> None:
    """There the distribution is 1/2 + t / (2 sqrt(2 + t^2))."""
    for value in (0.0, 0.1, 1.0, 4.0, 50.0):
        exact = 0.5 + value / (2 * (2 + value * value) ** 0.5)
        assert probability_below(value, 2) == pytest.approx(exact, abs=1e-12)
    assert quantile(0.5, 2) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("probability", "degrees"), [(0.4, 3), (1.0, 3), (0.9, 0)])
def test_what_has_no_quantile(probability: float, degrees: int) -> None:
    """A probability or a number of degrees out of range is an error."""
    with pytest.raises(ValueError, match="no t quantile"):
        quantile(probability, degrees)
