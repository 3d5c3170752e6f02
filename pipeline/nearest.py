"""Suggestions for a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 30


def suggest(name: str, known: Iterable[str], count: int = 3) -> str:
    """The nearest known names as the end of an error's line.

    Args:
        name: What was asked for.
        known: Every name that exists.
        count: At most so many suggestions; where none is near, all names are listed, or the
            least far ones of a long list.
    """
    names = sorted(set(known))
    near = get_close_matches(name, names, n=count, cutoff=0.5)
    if not near and len(names) > _LISTED:
        near = get_close_matches(name, names, n=count, cutoff=0.0)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return f"; known: {', '.join(names)}" if names else ""
