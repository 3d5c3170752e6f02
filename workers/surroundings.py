"""What is noted round an attempt's phases: where it runs, how quick that is, and what was there."""

from pipeline.scenario import JobSpec
from workers import garbage
from workers.attempt import Attempt
from workers.calibration import calibrate, quickest_loop_ns
from workers.counters import memory_mib
from workers.environment import environment_of, with_settings
from workers.server_settings import server_settings
from workers.subjects.base import Addresses, Promising, Subject, Telling
from workers.threads import run_to_end
from workers.versions import server_versions


async def note_before(attempt: Attempt, spec: JobSpec, addresses: Addresses) -> None:
    """Note the environment, the calibration and the memory, before the subject is started.

    Raises:
        ServerError: A server that the subject needs does not answer.
    """
    l2_url, l3_url = needed(attempt, addresses)
    attempt.environment = environment_of(
        await run_to_end(server_versions, l2_url, l3_url),
        stated=spec.scenario.l2_settings,
        code_version=spec.code_version,
        dirty=spec.dirty,
    )
    attempt.calibration = await calibrate(l2_url)
    garbage.clear_away()
    attempt.memory_before_mib = memory_mib()


async def note_settings(attempt: Attempt, addresses: Addresses) -> None:
    """Note how its servers are set up, once the subject was started and may have set them up."""
    settings = await run_to_end(server_settings, *needed(attempt, addresses))
    attempt.environment = with_settings(attempt.environment, settings)


def note_promises(attempt: Attempt, subject: Subject) -> None:
    """Note what the subject promises of itself, and have it tell of its turns from now on."""
    if isinstance(subject, Promising):
        attempt.promises = subject.promises
    if isinstance(subject, Telling):
        subject.tell(attempt.changed)


def note_memory(attempt: Attempt) -> None:
    """Note the memory once the last phase has ended, while the subject holds what it keeps."""
    garbage.clear_away()
    attempt.memory_after_mib = memory_mib()


async def note_after(attempt: Attempt) -> None:
    """Calibrate again, once the subject was stopped."""
    attempt.loop_after_ns = await quickest_loop_ns()


def needed(attempt: Attempt, addresses: Addresses) -> tuple[str | None, str | None]:
    """The URLs of L2 and of L3; None for a tier that the subject lacks."""
    return (
        None if "l2" in attempt.lacks else addresses.l2_url,
        None if "l3" in attempt.lacks else addresses.l3_url,
    )
