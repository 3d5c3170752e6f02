"""What `pipeline` names, this room implements, and the other way round."""

from typing import get_args

from cache.config import CacheConfig
from pipeline.data import Data
from pipeline.fault import FaultKind
from pipeline.load import Operation
from pipeline.subject import PRESETS, Preset
from results.metrics import METRICS
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.data import KINDS
from workers.faults.registry import FAULTS
from workers.ledger import Ledger
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.subjects.base import (
    CAPABILITIES,
    NO_HEALTH,
    NO_STATISTICS,
    NO_WARMING,
    TIERS,
    figures_of_tiers,
)
from workers.values import Values


def test_every_kind_of_fault_is_implemented() -> None:
    """No scenario can ask for a fault that workers don't know."""
    assert set(FAULTS) == set(get_args(FaultKind))


def test_every_operation_is_implemented() -> None:
    """No mix can hold an operation that workers don't know."""
    ledger = Ledger(Values(0, Data()))
    caller = Caller(DictSubject(), ledger, CodeBook(), Recorder().record, Origin(ledger, 0).load)
    assert set(caller.operations) == set(get_args(Operation))


def test_every_set_of_values_can_be_generated() -> None:
    """No scenario can ask for data that workers don't know."""
    kinds = Data.__annotations__["kind"]
    assert set(get_args(kinds)) == set(KINDS)


def test_presets_of_subjects_are_those_of_the_cache() -> None:
    """The names that enqueueing checks are the names that the cache takes."""
    assert set(PRESETS) == set(get_args(Preset)) == set(CacheConfig.presets())


def test_what_a_subject_lacks_is_called_by_names_that_judging_knows() -> None:
    """A misspelt name would count as not supported nowhere."""
    assert figures_of_tiers(TIERS) - set(TIERS) <= set(METRICS)
    assert set(METRICS) >= (NO_STATISTICS | NO_WARMING | NO_HEALTH) - CAPABILITIES
    assert not CAPABILITIES & set(METRICS)


def test_every_operation_can_be_lacked() -> None:
    """A load asks for its names among what a subject lacks."""
    assert set(get_args(Operation)) <= CAPABILITIES
