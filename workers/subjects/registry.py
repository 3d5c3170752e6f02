"""Finds a subject's factory by name, among the installed entry points and nowhere else."""

from importlib.metadata import entry_points

from pipeline.subject import SubjectSettings
from workers.errors import SubjectError
from workers.subjects.base import Addresses, Subject, SubjectFactory

GROUP = "tierbench.subjects"


def build_subject(name: str, settings: SubjectSettings, addresses: Addresses) -> Subject:
    """A subject that is not started yet.

    Args:
        name: Name of an entry point of the group `tierbench.subjects`.
        settings: How it is set up.
        addresses: Where its tiers live.

    Raises:
        SubjectError: There is no such entry point here, or it can't be imported.
    """
    return _factory(name)(settings, addresses)


def _factory(name: str) -> SubjectFactory:
    found = entry_points(group=GROUP, name=name)
    if not found:
        installed = ", ".join(sorted(entry_points(group=GROUP).names))
        raise SubjectError(f"subject {name!r} is not installed on this worker (has: {installed})")
    (entry, *_others) = found
    try:
        factory: SubjectFactory = entry.load()
    except (ImportError, AttributeError) as error:
        raise SubjectError(
            f"subject {name!r} at {entry.value} can't be imported: {error}"
        ) from error
    return factory
