"""Finds a subject's factory by name: an installed entry point, or what this worker may import."""

from importlib.metadata import EntryPoint, entry_points
from inspect import signature

from pipeline.subject import SubjectSettings
from pipeline.subjects import GROUP, missing_library
from results.metrics import METRICS
from workers.errors import SubjectError
from workers.subjects.base import CAPABILITIES, TIERS, Addresses, Subject, SubjectFactory
from workers.subjects.own import own_subject

_CALLS = tuple(name for name in vars(Subject) if not name.startswith("_"))
_CAN_BE_LACKED = CAPABILITIES | set(TIERS) | set(METRICS)


def build_subject(name: str, settings: SubjectSettings, addresses: Addresses) -> Subject:
    """A subject that is not started yet.

    Args:
        name: Name of an entry point of the group `tierbench.subjects`, or the import path of a
            user's own, `package.module:factory`.
        settings: How it is set up.
        addresses: Where its tiers live.

    Raises:
        SubjectError: There is no such subject here, it may not or can't be imported, or it is
            not a subject.
    """
    factory = _factory(name)
    if not _takes_two(factory):
        raise SubjectError(f"subject {name} is not a function of (settings, addresses)")
    subject = factory(settings, addresses)
    missing = [call for call in _CALLS if not hasattr(subject, call)]
    if missing:
        raise SubjectError(f"subject {name} has no {', '.join(missing)}")
    unknown = sorted(subject.lacks - _CAN_BE_LACKED)
    if unknown:
        raise SubjectError(f"subject {name} lacks what nobody knows: {', '.join(unknown)}")
    return subject


def _factory(name: str) -> SubjectFactory:
    missing = missing_library(name)
    if missing is not None:
        raise SubjectError(missing)
    entry = own_subject(name) if ":" in name else _installed(name)
    try:
        factory: SubjectFactory = entry.load()
    except (ImportError, AttributeError) as error:
        raise SubjectError(
            f"subject {name!r} at {entry.value} can't be imported: {error}"
        ) from error
    return factory


def _takes_two(factory: SubjectFactory) -> bool:
    try:
        signature(factory).bind("settings", "addresses")
    except TypeError:
        return False
    except ValueError:  # Some that are written in C don't tell what they take.
        return True
    return True


def _installed(name: str) -> EntryPoint:
    found = entry_points(group=GROUP, name=name)
    if not found:
        installed = ", ".join(sorted(entry_points(group=GROUP).names))
        raise SubjectError(f"subject {name!r} is not installed on this worker (has: {installed})")
    (entry, *_others) = found
    return entry
