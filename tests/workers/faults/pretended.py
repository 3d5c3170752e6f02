"""Faults that break nothing, for the tests of when real ones come and go."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pipeline import fault
from workers.faults import timetable
from workers.faults.base import Fault
from workers.faults.ground import Ground


@dataclass
class PretendedFault:
    """Says in `told` what it was asked for, under its name."""

    name: str = "it"
    told: list[str] = field(default_factory=list)
    has_effect: bool = True
    goes: bool = True
    undo_takes_s: float = 0.0
    undo_raises: Exception | None = None

    async def inject(self) -> None:
        """Say so."""
        self.told.append(f"{self.name} injected")

    async def undo(self) -> None:
        """Say so, at the end."""
        await asyncio.sleep(self.undo_takes_s)
        if self.undo_raises is not None:
            raise self.undo_raises
        self.told.append(f"{self.name} undone")

    async def is_effective(self) -> bool:
        """As it was made."""
        return self.has_effect

    async def is_cleared(self) -> bool:
        """As it was made."""
        return self.goes


@contextmanager
def pretending(make: Callable[[fault.Fault, Ground], Fault]) -> Iterator[None]:
    """Have every kind of fault made by `make`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timetable, "FAULTS", dict.fromkeys(fault.FAULTS, make))
        yield
