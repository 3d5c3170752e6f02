"""The words by which people name one side of a comparison, and the runs that these mean."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, select

from results.baselines import baselines_in, unknown
from results.errors import UnknownSideError
from results.tables import runs, summaries

LATEST = "latest"
CommitOf = Callable[[str], str | None]
"""Gives the whole hash of what git resolves in the current folder; None where it resolves none."""

_HASH = re.compile(r"[0-9a-f]{4,40}")
_SHOWN = 3
_HASH_SHOWN = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a word means.

    Args:
        said: It in words: `run 01J8...`, `label side=base`.
        run_ids: Its runs that take part; those of a subject are not known yet.
        subject: The subject that it names; None where it names none.
        notes: What else there is to know of it.
    """

    said: str
    run_ids: frozenset[str] = frozenset()
    subject: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """Finds what words mean in one results database.

    Args:
        connection: A reading transaction.
        commit_of: What git says.
    """

    connection: Connection
    commit_of: CommitOf
    _known: list[Row[Any]] = field(default_factory=list)

    def choose(self, word: str) -> Chosen:
        """What a word means.

        Args:
            word: `latest`, a run's id or its unique beginning, `KEY=VALUE`, a commit, the name of a
                code version, of a subject or of a baseline; or one of these after `run:`,
                `label:`, `commit:`, `subject:` or `baseline:`.

        Raises:
            UnknownSideError: It means nothing, several things, or only runs that take no part.
        """
        kind, colon, name = word.partition(":")
        by_kind = {
            "run": self._run,
            "label": self._label,
            "commit": self._commit,
            "subject": self._subject,
            "baseline": self.baseline,
        }
        if colon and kind in by_kind:
            return by_kind[kind](name)
        if word == LATEST:
            return self._latest()
        return self._label(word) if "=" in word else self._guess(word)

    def baseline(self, name: str) -> Chosen:
        """The run that a baseline names.

        Raises:
            UnknownSideError: There is no such baseline, or its run takes no part.
        """
        there = baselines_in(self.connection)
        found = {each.name: each.run_id for each in there}
        if name not in found:
            raise UnknownSideError(unknown(name, there))
        return self._taking_part(f"baseline {name}", self._with_id([found[name]]))

    @property
    def runs(self) -> list[Row[Any]]:
        """Every run, newest first."""
        if not self._known:
            columns = (
                runs.c.run_id,
                runs.c.created_at,
                runs.c.aggregated_at,
                runs.c.excluded_reason,
                runs.c.labels,
                runs.c.code_name,
                runs.c.code_dirty,
            )
            newest = select(*columns).order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
            self._known.extend(self.connection.execute(newest))
        if not self._known:
            raise UnknownSideError("there are no runs yet; start one with `bench run quick`")
        return self._known

    @property
    def subjects(self) -> frozenset[str]:
        """Every subject that there are figures of."""
        found = select(summaries.c.subject).distinct()
        return frozenset(self.connection.execute(found).scalars())

    def _latest(self) -> Chosen:
        newest = next((run for run in self.runs if run.excluded_reason is None), self.runs[0])
        return self._taking_part(f"run {newest.run_id}", [newest])

    def _run(self, name: str) -> Chosen:
        if name == LATEST:
            return self._latest()
        found = self._with_id([name]) or self._begin_so(name)
        if len(found) > 1:
            raise UnknownSideError(_several("runs begin with", name, found))
        if not found:
            raise UnknownSideError(
                f"no run {name!r}; the newest are {_listed(run.run_id for run in self.runs)}"
            )
        return self._taking_part(f"run {found[0].run_id}", found)

    def _label(self, text: str) -> Chosen:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UnknownSideError(f"label:{text} is no label; write label:KEY=VALUE")
        found = [run for run in self.runs if run.labels.get(key) == value]
        if not found:
            values = {run.labels[key] for run in self.runs if key in run.labels}
            there = f"{key} is {_listed(sorted(values))}" if values else f"none has a label {key}"
            raise UnknownSideError(f"no run is labelled {key}={value}; {there}")
        return self._taking_part(f"label {key}={value}", found)

    def _subject(self, name: str) -> Chosen:
        if name not in self.subjects:
            there = f"there are {', '.join(sorted(self.subjects))}" if self.subjects else "none yet"
            raise UnknownSideError(f"no figures of a subject {name!r}; {there}")
        return Chosen(said=f"subject {name}", subject=name)

    def _commit(self, name: str) -> Chosen:
        found = self._measured(name)
        names = {run.code_name for run in found}
        if len(names) > 1:
            raise UnknownSideError(_several_commits(name, sorted(names)))
        if found:
            return self._of_commit(names.pop(), found)
        whole = self.commit_of(name)
        if whole is not None:
            raise UnknownSideError(_never_measured(name, whole))
        measured = dict.fromkeys(short(run.code_name) for run in self.runs if run.code_name)
        there = f"measured are {_listed(measured)}" if measured else "no measured code has a name"
        raise UnknownSideError(
            f"no commit {name!r} in this folder's repository, and no code version of that name; "
            f"{there}"
        )

    def _of_commit(self, name: str, found: Sequence[Row[Any]]) -> Chosen:
        """Its clean runs; those with uncommitted changes only where there are no others."""
        said = f"commit {short(name)}"
        clean = [run for run in found if not run.code_dirty and _takes_part(run)]
        if clean:
            return self._taking_part(said, clean)
        note = f"{said} was measured with uncommitted changes only"
        return self._taking_part(said, found, notes=(note,))

    def _measured(self, name: str) -> list[Row[Any]]:
        """Runs of that code version, of the commit that git means, or of one that begins so."""
        exact = [run for run in self.runs if run.code_name == name]
        if exact:
            return exact
        whole = self.commit_of(name)
        resolved = [run for run in self.runs if whole is not None and run.code_name == whole]
        if resolved or not _HASH.fullmatch(name):
            return resolved
        return [run for run in self.runs if (run.code_name or "").startswith(name)]

    def _guess(self, word: str) -> Chosen:
        """What a word without a prefix means, where only one kind of thing is called so."""
        if not word:
            raise UnknownSideError("an empty word means nothing; `bench status` lists the runs")
        meanings = {
            "run": bool(self._with_id([word])),
            "commit": any(run.code_name == word for run in self.runs),
            "subject": word in self.subjects,
            "baseline": word in {each.name for each in baselines_in(self.connection)},
        }
        if not any(meanings.values()):
            meanings = {"run": bool(self._begin_so(word)), "commit": bool(self._measured(word))}
        kinds = [kind for kind, is_one in meanings.items() if is_one]
        if len(kinds) > 1:
            either = " or ".join(f"{kind}:{word}" for kind in kinds)
            raise UnknownSideError(f"{word!r} may be several things; write {either}")
        if not kinds:
            raise UnknownSideError(self._nothing(word))
        return self.choose(f"{kinds[0]}:{word}")

    def _nothing(self, word: str) -> str:
        whole = self.commit_of(word)
        if whole is not None:
            return _never_measured(word, whole)
        codes = {run.code_name for run in self.runs if run.code_name}
        names = {*codes, *self.subjects, *(each.name for each in baselines_in(self.connection))}
        near = get_close_matches(word, names, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "`bench status` lists the runs"
        return (
            f"{word!r} is no run, no label (KEY=VALUE), no commit of this folder's repository, and "
            f"no measured code version, subject or baseline; {hint}"
        )

    def _with_id(self, run_ids: Sequence[str]) -> list[Row[Any]]:
        return [run for run in self.runs if run.run_id in run_ids]

    def _begin_so(self, name: str) -> list[Row[Any]]:
        return [run for run in self.runs if name and run.run_id.startswith(name)]

    def _taking_part(
        self, said: str, found: Sequence[Row[Any]], notes: tuple[str, ...] = ()
    ) -> Chosen:
        there = [run for run in found if _takes_part(run)]
        if not there:
            raise UnknownSideError(_none_left(said, found))
        left = len(found) - len(there)
        told = (f"{left} of {len(found)} runs of {said} are excluded or open",) if left else ()
        return Chosen(
            said=said, run_ids=frozenset(run.run_id for run in there), notes=(*notes, *told)
        )


def short(name: str) -> str:
    """A whole hash cut to what people read; other names as they are."""
    return name[:_HASH_SHOWN] if _HASH.fullmatch(name) else name


def _takes_part(run: Row[Any]) -> bool:
    return run.excluded_reason is None and run.aggregated_at is not None


def _none_left(said: str, found: Sequence[Row[Any]]) -> str:
    run = found[0]
    if run.excluded_reason is not None:
        back = f"`bench mark {run.run_id} --include` takes it in again"
        return f"{said} takes no part: run {run.run_id} is excluded ({run.excluded_reason}); {back}"
    return (
        f"{said} has no figures yet: run {run.run_id} has not ended; `bench status {run.run_id}` "
        "says how far it is"
    )


def _never_measured(word: str, whole: str) -> str:
    name = word if whole.startswith(word) else f"{word} ({short(whole)})"
    return (
        f"commit {name} was never measured; measure it: `git checkout {short(whole)}`, "
        "then `bench run quick --repeat 5`"
    )


def _several(what: str, name: str, found: Sequence[Row[Any]]) -> str:
    listed = _listed(run.run_id for run in found)
    return f"several {what} {name!r}: {listed}; give more of the id"


def _several_commits(name: str, names: Sequence[str]) -> str:
    return f"several measured commits begin with {name!r}: {_listed(names)}; give more of the hash"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
