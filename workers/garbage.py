"""Keeps what is there before a measurement out of the garbage collections during it."""

import gc


def set_aside() -> None:
    """Collect what is garbage now, and look at nothing of the rest again until the next call.

    A worker holds 100,000 objects at rest, and a full collection of them stops the event loop for
    30 to 60 ms: longer than most of what is measured. What a subject makes while it is measured is
    collected as ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
