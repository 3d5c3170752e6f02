"""What the machine's A/A run says of a metric, where neither repeats nor history do."""

from dataclasses import dataclass, field
from statistics import stdev

from sqlalchemy import Connection

from results.noise import log_ratios_of_machine
from results.versus.run_spread import Spread


@dataclass(frozen=True)
class MachineNoise:
    """The newest A/A run of each class of machine, read once where it is asked for.

    Args:
        connection: A reading transaction.
    """

    connection: Connection
    _known: dict[str | None, dict[str, list[float]]] = field(default_factory=dict)

    def of(self, metric: str, environment_class: str | None) -> Spread | None:
        """The spread of the log ratio of two repeats; None where there was no such run."""
        if environment_class not in self._known:
            self._known[environment_class] = log_ratios_of_machine(
                self.connection, environment_class
            )
        ratios = self._known[environment_class].get(metric)
        return None if ratios is None else Spread(stdev(ratios), len(ratios) - 1)
