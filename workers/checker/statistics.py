"""The subject's own counts of reads, held against what its callers saw."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from results.attempt_result import Finding

_TIERS = ("l1", "l2", "l3")


class Told(NamedTuple):
    """One count: what the subject says, and what its callers saw."""

    by_subject: int
    by_callers: int


def differing(reads: Mapping[str, int], statistics: Mapping[str, int]) -> dict[str, Told]:
    """The subject's counts that differ from its callers', by name.

    Args:
        reads: Keys read, by the tier that served them.
        statistics: Any of `l1_hits`, `l2_hits`, `l3_hits` and `reads`.
    """
    seen = Counter(reads)
    callers = {f"{tier}_hits": seen[tier] for tier in _TIERS} | {"reads": seen.total()}
    return {
        name: Told(statistics[name], count)
        for name, count in callers.items()
        if statistics.get(name, count) != count
    }


def findings_of(different: Mapping[str, Told]) -> Iterator[Finding]:
    """The first of the counts that differ, if any does; its two values are the proof.

    Args:
        different: As `differing` has them.
    """
    for name, told in list(different.items())[:1]:
        yield Finding(
            kind="statistics_mismatches",
            phase=None,
            count=len(different),
            text=f"{name}: the subject says {told.by_subject:,}, its callers saw "
            f"{told.by_callers:,}",
        )
