"""The faults that this worker can inject, by the names of `pipeline.scenario.FaultKind`."""

from collections.abc import Mapping
from types import MappingProxyType

from workers.faults import (
    l2_network,
    l3_errors,
    l3_full,
    l3_gone,
    l3_locked,
    l3_pool,
    l3_slow,
    l3_stop,
)
from workers.faults.base import FaultFactory
from workers.faults.clock_step import clock_step
from workers.faults.cpu_taken import cpu_taken
from workers.faults.l2_client_kill import L2ClientKill
from workers.faults.l2_failover import L2Failover
from workers.faults.l2_flush import L2Flush
from workers.faults.l2_kill import L2Kill
from workers.faults.l2_memory import L2Memory
from workers.faults.l2_payload import L2Payload
from workers.faults.l2_read_only import L2ReadOnly
from workers.faults.l2_slow_script import L2SlowScript
from workers.faults.l2_stop import L2Stop
from workers.faults.l2_wrong_password import L2WrongPassword
from workers.faults.loader_hang import loader_hang
from workers.faults.loader_share import loader_errors, loader_none
from workers.faults.loader_slow import loader_slow
from workers.faults.loop_block import loop_block
from workers.faults.memory_pressed import memory_pressed
from workers.faults.worker_kill import worker_kill

FAULTS: Mapping[str, FaultFactory] = MappingProxyType(
    {
        "l2_latency": l2_network.latency,
        "l2_bandwidth": l2_network.bandwidth,
        "l2_refused": l2_network.refused,
        "l2_reset": l2_network.reset,
        "l2_half_open": l2_network.half_open,
        "l2_one_way": l2_network.one_way,
        "l2_cut_reply": l2_network.cut_reply,
        "l2_slow_close": l2_network.slow_close,
        "l2_kill": L2Kill,
        "l2_kill_with_data": L2Kill,
        "l2_stop": L2Stop,
        "l2_memory": L2Memory,
        "l2_flush": L2Flush,
        "l2_slow_script": L2SlowScript,
        "l2_client_kill": L2ClientKill,
        "l2_read_only": L2ReadOnly,
        "l2_wrong_password": L2WrongPassword,
        "l2_failover": L2Failover,
        "l2_corrupt": L2Payload,
        "l2_truncated": L2Payload,
        "l2_foreign": L2Payload,
        "l2_oversized": L2Payload,
        "l3_locked": l3_locked.locked,
        "l3_slow": l3_slow.slow,
        "l3_errors": l3_errors.errors,
        "l3_full": l3_full.full,
        "l3_gone": l3_gone.gone,
        "l3_pool": l3_pool.pool,
        "l3_stop": l3_stop.stop,
        "loader_slow": loader_slow,
        "loader_errors": loader_errors,
        "loader_hang": loader_hang,
        "loader_none": loader_none,
        "loop_block": loop_block,
        "cpu_taken": cpu_taken,
        "memory_pressed": memory_pressed,
        "clock_step": clock_step,
        "worker_kill": worker_kill,
    }
)
