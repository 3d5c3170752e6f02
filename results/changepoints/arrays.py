"""The arrays of this package, and series in a size at which sums of squares are exact."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def about_one(values: Sequence[float] | Floats) -> tuple[Floats, int]:
    """Figures divided by a power of two, so that none is above 1; and its exponent.

    No figure's digits change, and no sum of squares overflows.
    """
    array = np.asarray(values, dtype=np.float64)
    exponent = int(np.frexp(np.abs(array).max(initial=0.0))[1])
    return np.ldexp(array, -exponent), exponent
