"""The faults that this worker can inject, by the names of `pipeline.scenario.FaultKind`."""

from collections.abc import Mapping
from types import MappingProxyType

from workers.faults.base import FaultFactory
from workers.faults.l2_kill import L2Kill
from workers.faults.l2_stop import L2Stop

FAULTS: Mapping[str, FaultFactory] = MappingProxyType({"l2_kill": L2Kill, "l2_stop": L2Stop})
