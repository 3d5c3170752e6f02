"""Leaves out what a terminal would obey: names and reasons may come from anybody's export."""

# All but newlines and tabs; beside ESC, a terminal obeys some of 128 to 159.
_CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {9, 10})


def harmless(text: str) -> str:
    """A text without control characters, but for newlines and tabs."""
    return text.translate(_CONTROLS)
