"""Whether workers do the jobs of a run one after another; told to them by their environment."""

from collections.abc import Mapping

VARIABLE = "BENCH_TAKE_TURNS"


def telling(*, in_turn: bool) -> dict[str, str]:
    """The environment variables that tell workers so."""
    return {VARIABLE: "1"} if in_turn else {}


def told(environment: Mapping[str, str]) -> bool:
    """Whether a worker's environment tells it so."""
    return environment.get(VARIABLE) == "1"
