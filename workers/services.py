"""The services behind one attempt's subject, the worker's or the job's own, and their faults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from pipeline.scenario import Scenario
from workers.attempt import Assignment
from workers.attempt_folder import attempt_folder
from workers.faults.ground import Ground, L2Ground, L3Ground
from workers.faults.loader_switch import LoaderSwitch
from workers.leftovers import check_nothing_left, children
from workers.own_l2 import own_l2
from workers.own_l3 import own_l3
from workers.subjects.base import Addresses, Subject
from workers.threads import run_to_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What an attempt's subject and its faults have to do with.

    Args:
        addresses: As the subject gets them: through the proxies, where there are any.
        l2: What can be reached of L2.
        l3: What can be reached of L3; None where others use it too.
        folder: The attempt's.
    """

    addresses: Addresses
    l2: L2Ground
    l3: L3Ground | None
    folder: Path

    @property
    def servers(self) -> Addresses:
        """Where the servers themselves are, past any proxy."""
        l3_url = self.addresses.l3_url if self.l3 is None else self.l3.url
        return replace(self.addresses, l2_url=self.l2.url, l3_url=l3_url)

    def ground(self, assignment: Assignment, subject: Subject) -> Ground:
        """All that faults can reach.

        Args:
            assignment: The attempt.
            subject: The cache under test.
        """
        seed = assignment.spec.seed
        return Ground(
            namespace=assignment.namespace,
            subject=subject,
            seed=seed,
            l2=None if "l2" in subject.lacks else self.l2,
            l3=self.l3,
            loader=LoaderSwitch(draw=Random(f"{seed}:loader")),
            folder=self.folder,
            kill=assignment.kill,
            lost=assignment.lost,
        )


@asynccontextmanager
async def services_of(assignment: Assignment) -> AsyncIterator[Services]:
    """Start what a job needs for itself, and end it in every exit path.

    Args:
        assignment: The attempt, with the worker's own services.

    Raises:
        ServiceUnavailableError: A server does not start.
        ServerError: A proxy does not start.
        LeftoverError: Something that was started or written is still there in the end.
    """
    spec = assignment.spec
    with attempt_folder(assignment.folder) as folder:
        before = await run_to_end(children) if _starts_something(spec.scenario) else None
        async with (
            own_l2(spec, assignment.l2_url, folder, assignment.allowed, assignment.leftovers) as (
                l2,
                l2_url,
            ),
            own_l3(spec, assignment.l3_url, folder) as (l3, l3_url),
        ):
            addresses = Addresses(
                namespace=assignment.namespace,
                l2_url=l2_url,
                l3_url=l3_url,
                steps_clock=any(fault.kind == "clock_step" for fault in spec.scenario.faults),
            )
            yield Services(addresses=addresses, l2=l2, l3=l3, folder=folder)
        if before is not None:
            await run_to_end(check_nothing_left, before, folder)


def _starts_something(scenario: Scenario) -> bool:
    own = {scenario.l2_server, scenario.l3_server} != {"shared"}
    return own or bool(scenario.faults)
