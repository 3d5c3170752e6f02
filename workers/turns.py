"""A worker's claim to a job, taken when it is the job's turn."""

import asyncio

from results.records import Claim, WorkerIdentity
from results.storage.turns import Turn
from results.store import Store
from workers.patience import patiently
from workers.threads import run_to_end

LOOK_EVERY_S = 0.1


async def claim_in_turn(
    store: Store, job_id: str, worker: WorkerIdentity, period_s: float
) -> Claim | None:
    """Wait until no other group of a job's run is under way, then claim the job.

    Args:
        store: The results database.
        job_id: The job.
        worker: Who claims it.
        period_s: For how long it is claimed.

    Returns:
        None where somebody else has it, or where this worker is needed for a group that has begun.
        The job's message is lost then, and a supervisor will send another.
    """
    while True:
        turn = await run_to_end(patiently, store.turn, job_id)
        if turn is Turn.NEVER:
            return None
        if turn is Turn.NOW:
            claim = await run_to_end(patiently, store.claim, job_id, worker, period_s, in_turn=True)
            if claim is not None:
                return claim
        await asyncio.sleep(LOOK_EVERY_S)
