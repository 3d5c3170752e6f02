"""A worker's claim to the job of a run whose turn it is."""

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
    """Wait until a job's run has something to do for this worker, then claim that.

    Args:
        store: The results database.
        job_id: Any job of the run; its message says that one is to be done, not which.
        worker: Who claims it.
        period_s: For how long it is claimed.

    Returns:
        None where nothing of the run is left to claim.
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
