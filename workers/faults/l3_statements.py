"""A fault of this process's statements to SQLite: a disturbance, and the look that shows it."""

from collections.abc import Callable

from workers.faults.l2_looks import Look
from workers.statements import Disturbance, Statements


class StatementsFault:
    """Disturbs the statements of the connections of this process.

    Args:
        statements: What they are disturbed by.
        disturbance: Makes what happens to each of them, anew each time that the fault comes.
        look: Sees it on a connection of its own.
    """

    def __init__(
        self, statements: Statements, disturbance: Callable[[], Disturbance], look: Look
    ) -> None:
        self._statements = statements
        self._disturbance = disturbance
        self._look = look

    async def inject(self) -> None:
        """Disturb them, on open connections and on new ones."""
        self._statements.disturb(self._disturbance())

    async def undo(self) -> None:
        """Let them pass again, also those that are held."""
        self._statements.mend()

    async def is_effective(self) -> bool:
        """Look once whether they are disturbed, and whether any of them are the subject's.

        One that does not reach its file through SQLAlchemy would not notice anything.
        """
        return self._statements.meets_somebody and await self._look.is_there()

    async def is_cleared(self) -> bool:
        """Look once whether they pass."""
        return await self._look.is_gone()
