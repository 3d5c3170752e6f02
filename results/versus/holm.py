"""Corrects for many metrics at once: of a hundred that are equal, five would differ by chance."""

from collections.abc import Sequence


def adjusted(p: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Each p adjusted so that at most 5 % of comparisons have any p below 0.05 by chance.

    Weighted step-down of Holm, "A simple sequentially rejective multiple test procedure", 1979,
    section 4: what matters more gets a larger part of the 5 %. It needs no independence.

    Args:
        p: Of each metric, 0 to 1.
        weights: Of each metric, above 0.

    Returns:
        Adjusted ones in the same order, at most 1.
    """
    order = sorted(range(len(p)), key=lambda place: p[place] / weights[place])
    left, largest = sum(weights), 0.0
    found = [1.0] * len(p)
    for place in order:
        largest = max(largest, min(1.0, p[place] * left / weights[place]))
        found[place] = largest
        left -= weights[place]
    return found
