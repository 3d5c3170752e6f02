"""The prefixes under which attempts keep what they have in tiers that others share."""

from collections.abc import Sequence
from functools import partial

from pipeline.settings import Settings
from results.records import AbandonedAttempt, Claim
from results.store import Store
from workers import log
from workers.errors import FaultError, LeftoverError
from workers.faults.l2_note import put_back
from workers.patience import patiently
from workers.sweep import sweep
from workers.threads import run_to_end


def namespaces_of(claim: Claim, shards: int) -> list[str]:
    """The prefixes of every attempt so far; a group's shards share theirs.

    Args:
        claim: The newest attempt.
        shards: How many jobs its group has.
    """
    if shards > 1:
        return [_of_group(claim.job.group, tried) for tried in range(claim.generation + 1)]
    return [_of_job(claim.job.job_id, number + 1) for number in range(claim.number)]


async def sweep_abandoned(store: Store, settings: Settings) -> None:
    """Undo what dead workers have left of jobs that were cancelled or given up since.

    It is not this attempt's: where it can't be removed there is a line, and no error.

    Args:
        store: Knows of them.
        settings: Where the shared tiers are.
    """
    namespaces = _of_abandoned(await run_to_end(patiently, store.abandoned_attempts))
    if not namespaces:
        return
    try:
        await put_back(settings.subject_l2_url, namespaces)
        await run_to_end(
            partial(sweep, namespaces, settings.subject_l2_url, settings.subject_l3_url)
        )
    except (FaultError, LeftoverError) as error:
        log.event(f"{error}: of attempts whose jobs have ended")


def _of_abandoned(found: Sequence[AbandonedAttempt]) -> list[str]:
    """Both names that each may have had: nobody else ever has one of them."""
    of_jobs = {_of_job(each.job_id, each.number) for each in found}
    of_groups = {_of_group(each.group, each.generation) for each in found}
    return sorted(of_jobs | of_groups)


def _of_job(job_id: str, number: int) -> str:
    return f"tierbench:{job_id}-{number}"


def _of_group(group: str, generation: int) -> str:
    return f"tierbench:{group}-{generation + 1}"
