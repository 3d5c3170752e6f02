"""The closed loop: a number of users, each of which starts its next operation after its last."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter_ns

from pipeline.load import ClosedLoad
from workers.caller import Caller
from workers.draws import Draw, Draws
from workers.part import WHOLE, Part

NS_PER_S = 1_000_000_000
NEVER = 2**63
# All users together let the event loop look at its sockets about this often, however many they
# are: operations that L1 serves never wait, and would starve replies that others wait for.
SLICE_NS = 200_000
# Draws are made in bulk: the more at once the cheaper, and the more memory for each user.
LARGEST_CHUNK, SMALLEST_CHUNK, ALL_CHUNKS = 4_096, 64, 65_536


def draws(
    load: ClosedLoad,
    key_names: Sequence[str],
    *,
    seed: int,
    phase: int,
    user: int,
    part: Part = WHOLE,
) -> Iterator[Draw]:
    """The endless sequence of one user's operations; empty where its worker's role has none.

    It depends on the load, the seed, the phase and the user's number alone, and on whether its
    worker writes or reads, where these are apart.

    Args:
        load: What users do.
        key_names: The names of the planned keys, by number.
        seed: The job's seed.
        phase: The phase's position in its scenario.
        user: The user's number, from 0, over all workers.
        part: The worker's part of the load.
    """
    mix = part.mix(load.mix)
    if not mix:
        return iter(())
    sequence = Draws(
        load, mix, key_names, seed=seed, place=(phase, user), user=user, users=load.users
    )
    shared = min(max(ALL_CHUNKS // load.users, SMALLEST_CHUNK), LARGEST_CHUNK)
    return sequence.endless(min(shared, load.operations or shared))


def users_of(
    load: ClosedLoad, key_names: Sequence[str], *, seed: int, phase: int, part: Part = WHOLE
) -> list[Iterator[Draw]]:
    """The sequences of the users that are this worker's.

    Args:
        load: What users do.
        key_names: The names of the planned keys, by number.
        seed: The job's seed.
        phase: The phase's position in its scenario.
        part: The worker's part of the load.
    """
    return [
        draws(load, key_names, seed=seed, phase=phase, user=user, part=part)
        for user in part.users(load.users)
    ]


async def run_users(load: ClosedLoad, users: Sequence[Iterator[Draw]], caller: Caller) -> int:
    """Run users of a closed load to its end.

    Args:
        load: Says when a user ends.
        users: The sequence of each user, all of it operations that the caller can do.
        caller: Does and records the operations.

    Returns:
        The number of operations done.
    """
    end_ns = NEVER if load.duration_s is None else perf_counter_ns() + _ns(load.duration_s)
    slice_ns = SLICE_NS // max(len(users), 1)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_user(load, sequence, caller, end_ns, slice_ns)) for sequence in users
        ]
    return sum(task.result() for task in tasks)


async def run_closed_load(
    load: ClosedLoad, key_names: Sequence[str], caller: Caller, *, seed: int, phase: int
) -> int:
    """Run a whole closed load to its end, on this worker alone.

    Args:
        load: What users do, all of it operations that the caller can do.
        key_names: The names of the planned keys, by number.
        caller: Does and records the operations.
        seed: The job's seed.
        phase: The phase's position in its scenario.

    Returns:
        The number of operations done.
    """
    users = users_of(load, key_names, seed=seed, phase=phase)
    return await run_users(load, users, caller)


async def _user(
    load: ClosedLoad, sequence: Iterator[Draw], caller: Caller, end_ns: int, slice_ns: int
) -> int:
    done = 0
    operations = caller.operations
    think_ns = _ns(load.think_time_s)
    now_ns = perf_counter_ns()
    yield_ns = now_ns + slice_ns
    for operation, keys in islice(sequence, load.operations):
        if think_ns and done:
            await asyncio.sleep(min(think_ns, end_ns - now_ns) / NS_PER_S)
            now_ns = perf_counter_ns()
        if now_ns >= end_ns:
            break
        now_ns = await operations[operation](keys)
        done += 1
        if now_ns >= yield_ns and not think_ns:
            await asyncio.sleep(0)
            now_ns = perf_counter_ns()
            yield_ns = now_ns + slice_ns
    return done


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
