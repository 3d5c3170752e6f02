"""The closed loop: a number of users, each of which starts its next operation after its last."""

import asyncio
from collections.abc import Iterator, Sequence
from time import perf_counter_ns

import numpy as np

from pipeline.scenario import ClosedLoad
from workers.caller import Caller
from workers.keys import key_stream, user_random

NS_PER_S = 1_000_000_000
CHUNK = 512
# All users together let the event loop look at its sockets about this often, however many they
# are: operations that L1 serves never wait, and would starve replies that others wait for.
SLICE_NS = 200_000

Draw = tuple[str, Sequence[str]]


def draws(
    load: ClosedLoad, key_names: Sequence[str], *, seed: int, phase: int, user: int
) -> Iterator[Draw]:
    """The endless sequence of one user's operations, drawn in bulk.

    It depends on the load, the seed, the phase and the user's number alone.

    Args:
        load: What users do.
        key_names: The names of all keys, by number.
        seed: The job's seed.
        phase: The phase's position in its scenario.
        user: The user's number, from 0.
    """
    random = user_random(seed, phase, user)
    keys = key_stream(load.keys, len(key_names), user=user, users=load.users, random=random)
    names = sorted(load.mix)
    weights = np.array([load.mix[name] for name in names])
    widths = [load.batch if name.endswith("_many") else 1 for name in names]
    chunk = min(CHUNK, load.operations or CHUNK)
    while True:
        chosen = random.choice(len(names), size=chunk, p=weights / weights.sum()).tolist()
        wanted = iter(keys.take(sum(widths[number] for number in chosen)).tolist())
        for number in chosen:
            yield names[number], [key_names[next(wanted)] for _ in range(widths[number])]


async def run_closed_load(
    load: ClosedLoad, key_names: Sequence[str], caller: Caller, *, seed: int, phase: int
) -> int:
    """Run all users of a closed load to its end.

    Args:
        load: What users do.
        key_names: The names of all keys, by number.
        caller: Does and records the operations.
        seed: The job's seed.
        phase: The phase's position in its scenario.

    Returns:
        The number of operations done.
    """
    end_ns = None if load.duration_s is None else perf_counter_ns() + _ns(load.duration_s)
    async with asyncio.TaskGroup() as group:
        users = [
            group.create_task(
                _user(
                    load, draws(load, key_names, seed=seed, phase=phase, user=user), caller, end_ns
                )
            )
            for user in range(load.users)
        ]
    return sum(user.result() for user in users)


async def _user(
    load: ClosedLoad, sequence: Iterator[Draw], caller: Caller, end_ns: int | None
) -> int:
    done = 0
    slice_ns = SLICE_NS // load.users
    yield_ns = perf_counter_ns() + slice_ns
    for operation, keys in sequence:
        if done == load.operations or (end_ns is not None and perf_counter_ns() >= end_ns):
            break
        await caller.operations[operation](keys)
        done += 1
        if load.think_time_s:
            await asyncio.sleep(load.think_time_s)
        elif perf_counter_ns() >= yield_ns:
            await asyncio.sleep(0)
            yield_ns = perf_counter_ns() + slice_ns
    return done


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
