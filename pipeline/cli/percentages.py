"""Shares as people write them: `5%`, `0.05`."""

import math

from pipeline.cli.errors import UsageError


def parse_share(option: str, text: str) -> float:
    """A share of `5%` (0.05), `0.5 %` or `0.05`.

    Args:
        option: The option that it was given with, for the error's line.
        text: What was given.

    Raises:
        UsageError: It is no share above 0 and below 100 %.
    """
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = math.nan
    if rest or not 0 < share < 1:
        raise UsageError(f"{option} {text}: expected a share such as 5% or 0.05, below 100%")
    return share
