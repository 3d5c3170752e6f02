"""Keeps what is there before a measurement out of the garbage collections during it."""

import ctypes
import gc

_GIVE_BACK = getattr(ctypes.CDLL(None), "malloc_trim", None)


def set_aside() -> None:
    """Collect what is garbage now, and look at nothing of the rest again until the next call.

    A worker holds 100,000 objects at rest, and a full collection of them stops the event loop for
    30 to 60 ms: longer than most of what is measured. What a subject makes while it is measured is
    collected as ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def clear_away() -> None:
    """Collect all garbage and give free memory back, so that what is resident is what is used.

    Else a worker keeps what an earlier job took, and the next one seems to need nothing. Only
    glibc gives back; elsewhere allocators do so by themselves, or never.
    """
    gc.unfreeze()
    gc.collect()
    if _GIVE_BACK is not None:
        _GIVE_BACK(0)
