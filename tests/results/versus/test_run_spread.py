"""How far runs lie apart, on series with steps, outliers and wandering hours."""

import numpy as np
import pytest

from results.versus.run_spread import Spread, run_to_run


def test_fewer_than_five_runs_say_nothing() -> None:
    """Two differences are no spread."""
    assert run_to_run([1.0, 2.0, 3.0, 4.0]) is None


def test_a_worked_case() -> None:
    """Absolute differences 1, 2, 1, 4: their median is 1.5."""
    found = run_to_run([0.0, 1.0, -1.0, 0.0, 4.0])
    assert found is not None
    assert found.sigma == pytest.approx(1.4826 * 1.5 / 2**0.5)
    assert found.degrees == 2


def test_a_step_and_an_outlier_do_not_make_it_wide() -> None:
    """A change of the code is no noise of the machine."""
    random = np.random.default_rng(7)
    plain = random.normal(0, 1, 60)
    stepped = plain.copy()
    stepped[30:] += 100
    stepped[10] += 100
    quiet, loud = run_to_run(plain), run_to_run(stepped)
    assert quiet is not None
    assert loud is not None
    assert 0.7 < quiet.sigma < 1.4
    assert loud.sigma < 1.3 * quiet.sigma


def test_neighbours_alike_do_not_make_it_narrow() -> None:
    """Hours wander: runs three apart differ more than neighbours, and these count."""
    found = run_to_run([0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0])
    assert found is not None
    assert found.sigma > 1.4826 * 1 / 2**0.5


def test_runs_in_a_row_count_as_fewer_where_hours_are_shared() -> None:
    """Three quarters alike: four runs are as good as one; independent ones as four."""
    assert Spread(1.0, 20).of_mean(4) == pytest.approx(0.25)
    assert Spread(1.0, 20, alike=0.75).of_mean(4) == pytest.approx(1.0)
    assert Spread(1.0, 20, alike=0.2).of_mean(4) == pytest.approx(0.375)
    slow = run_to_run([0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0])
    quick = run_to_run([0.0, 1.0] * 10)
    assert slow is not None
    assert quick is not None
    assert (slow.alike > 0.4, quick.alike) == (True, 0.0)
