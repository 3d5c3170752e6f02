"""The faults of the loader, each seen to come and to go through an origin."""

import asyncio

import pytest

from pipeline.data import Data
from pipeline.fault import Fault
from tests.workers.scenarios import DictSubject
from workers.errors import FaultError
from workers.faults.base import Fault as Broken
from workers.faults.ground import Ground
from workers.faults.loader_switch import LoaderFaultError, LoaderSwitch
from workers.faults.registry import FAULTS
from workers.ledger import Ledger
from workers.origin import Origin
from workers.values import Values

KINDS = ("loader_slow", "loader_errors", "loader_hang", "loader_none")


def _broken(kind: str, switch: LoaderSwitch, **figures: object) -> Broken:
    ground = Ground(namespace="tests", subject=DictSubject(), seed=11, loader=switch)
    return FAULTS[kind](Fault(kind=kind, at_s=0.0, duration_s=1.0, **figures), ground)


def _origin(switch: LoaderSwitch, delay_s: float = 0.0) -> Origin:
    return Origin(Ledger(Values(11, Data(keys=10))), delay_s, switch)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_seen_to_come_and_to_go(kind: str) -> None:
    """Also where loads take their time anyhow; and no look counts as a load."""
    switch = LoaderSwitch()
    origin = _origin(switch, delay_s=0.2)
    broken = _broken(kind, switch)
    assert not await broken.is_effective()
    await broken.inject()
    assert await broken.is_effective()
    assert not await broken.is_cleared()
    await broken.undo()
    assert await broken.is_cleared()
    assert not await broken.is_effective()
    assert origin.loads == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_loads_that_hang_go_on_when_it_is_over() -> None:
    """They bring what was true when they began; nobody is left waiting."""
    switch = LoaderSwitch()
    origin = _origin(switch)
    broken = _broken("loader_hang", switch)
    await broken.inject()
    loading = asyncio.create_task(origin.load("key:1"))
    done, _ = await asyncio.wait([loading], timeout=0.02)
    assert not done
    await broken.undo()
    assert await loading == await origin.load("key:1")


async def test_its_share_of_the_loads_is_met() -> None:
    """About as many as it says, the same ones for the same seed."""
    counts = []
    for _ in range(2):
        switch = LoaderSwitch()
        origin = _origin(switch)
        await _broken("loader_errors", switch, share=0.25).inject()
        loads = [origin.load(f"key:{number}") for number in range(400)]
        ends = await asyncio.gather(*loads, return_exceptions=True)
        counts.append(sum(isinstance(end, LoaderFaultError) for end in ends))
    assert counts[0] == counts[1]
    assert 70 <= counts[0] <= 130


async def test_no_look_changes_which_loads_are_met() -> None:
    """How often somebody looks depends on the machine; which loads fail must not."""
    met = []
    for looks in (0, 3):
        switch = LoaderSwitch()
        origin = _origin(switch)
        broken = _broken("loader_none", switch, share=0.25)
        await broken.inject()
        for _ in range(looks):
            await broken.is_effective()
        met.append([await origin.load(f"key:{number}") is None for number in range(40)])
    assert met[0] == met[1]


async def test_none_that_the_loader_answers_is_legal_to_read() -> None:
    """The ledger is told, so that the checker knows of it."""
    switch = LoaderSwitch()
    ledger = Ledger(Values(11, Data(keys=10)))
    origin = Origin(ledger, 0.0, switch)
    await _broken("loader_none", switch, share=1.0).inject()
    assert await origin.load("key:1") is None
    ledger.check("key:1", None, ledger.clock)
    assert ledger.findings.wrong_values == 0
    ledger.check("key:2", None, ledger.clock)
    assert ledger.findings.wrong_values == 1


async def test_without_an_origin_there_is_nothing_to_look_at() -> None:
    """A fault that nobody can see is an error, not a success."""
    with pytest.raises(FaultError, match="there is no loader to look at"):
        await _broken("loader_none", LoaderSwitch()).is_effective()
