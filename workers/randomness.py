"""Seeded random streams: one for each purpose, each independent of all others."""

import numpy as np

OPERATIONS, KEYS, LENGTHS, ARRIVALS, SCRAMBLE = range(5)
"""What a stream is for."""


def random_stream(seed: int, purpose: int, *place: int) -> np.random.Generator:
    """The random stream of one purpose and place: the same wherever and beside whom it runs.

    Args:
        seed: The job's seed.
        purpose: What it is for, a constant of this module.
        place: Such as the phase's position and the user's number.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, *place)))
