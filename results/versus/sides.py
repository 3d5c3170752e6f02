"""Both sides of a comparison: their runs, and what sets them apart."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from results.errors import NothingComparableError, UnknownSideError
from results.tables import runs, summaries
from results.versus.words import Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Two sides, of which each has runs.

    Args:
        a: What is compared with.
        b: What is judged.
        by_subject: Whether both are subjects of the same runs.
    """

    a: Chosen
    b: Chosen
    by_subject: bool

    @property
    def run_ids(self) -> frozenset[str]:
        """The runs of both."""
        return self.a.run_ids | self.b.run_ids


def sides_of(connection: Connection, a: Chosen, b: Chosen) -> Sides:
    """Put two sides beside each other.

    Subjects are compared in the runs that measured both, of the newest code version that has such.

    Raises:
        UnknownSideError: Both are the same, they share runs, or one is a subject and one is not.
        NothingComparableError: No run measured both subjects.
    """
    if a.subject is None and b.subject is None:
        _check_apart(a, b)
        return Sides(a=a, b=b, by_subject=False)
    if a.subject is None or b.subject is None:
        raise UnknownSideError(
            f"{a.said} and {b.said}: a subject is compared with a subject, runs with runs; to look "
            "at one subject of runs use --subject"
        )
    if a.subject == b.subject:
        raise UnknownSideError(f"both sides are {a.said}; name two")
    together = _together(connection, a.subject, b.subject)
    if not together:
        raise NothingComparableError(
            f"no run has figures of both {a.subject} and {b.subject}; measure them together: "
            f"`bench run quick --subject {a.subject} --subject {b.subject} --repeat 5`"
        )
    return Sides(
        a=Chosen(said=a.said, run_ids=together, subject=a.subject),
        b=Chosen(said=b.said, run_ids=together, subject=b.subject),
        by_subject=True,
    )


def _check_apart(a: Chosen, b: Chosen) -> None:
    both = sorted(a.run_ids & b.run_ids)
    if both and a.run_ids == b.run_ids:
        runs_in_words = f"run {both[0]}" if len(both) == 1 else f"the same {len(both)} runs"
        raise UnknownSideError(f"{a.said} and {b.said} are both {runs_in_words}; name two sides")
    if both:
        raise UnknownSideError(
            f"{a.said} and {b.said} share run {both[0]}; name sides that have no run in common"
        )


def _together(connection: Connection, a: str, b: str) -> frozenset[str]:
    has_a, has_b = (
        select(summaries.c.run_id).where(summaries.c.subject == subject) for subject in (a, b)
    )
    found = connection.execute(
        select(runs.c.run_id, runs.c.code_name)
        .where(
            runs.c.run_id.in_(has_a),
            runs.c.run_id.in_(has_b),
            runs.c.excluded_reason.is_(None),
            runs.c.aggregated_at.is_not(None),
        )
        .order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
    ).all()
    # Where the code has no name, nothing says that two runs measured the same.
    same = [row for row in found if row.code_name and row.code_name == found[0].code_name]
    return frozenset(row.run_id for row in same or found[:1])
