"""What was found wrong, of each kind how often and the first with its proof."""

from collections.abc import Iterator, Sequence

import numpy as np

from results.attempt_result import Finding
from workers.checker.account import Account, Told, shortened
from workers.checker.examples import example_of_evidence, example_of_read, example_of_repeat
from workers.checker.judged import Judged, Mask
from workers.ledger import Ledger

_NS_PER_MS = 1_000_000

_OF_LEDGER = {
    "wrong_values": "read {value}, which was never written under {key}",
    "stale_reads": "read {value} of {key} after what had replaced it was acknowledged",
    "resurrected_reads": "read {value} of {key} after its delete was acknowledged",
}


def of_ledger(ledger: Ledger, phase: str, account: Account) -> Iterator[Finding]:
    """What comparing values has found in the phase that the ledger is in.

    Args:
        ledger: The worker's.
        phase: The phase's name.
        account: Tells the operations.
    """
    for kind, evidence in ledger.evidence.items():
        made, seen = evidence.made, evidence.value
        value = None if seen is None else shortened(seen) if made is None else made.revision
        said = value if made is None else f"revision {value}"
        yield Finding(
            kind=kind,
            phase=phase,
            count=getattr(ledger.findings, kind),
            text=_OF_LEDGER[kind].format(value=said, key=evidence.key),
            example=example_of_evidence(evidence, value, account),
        )


def impossible_reads(judged: Judged, phase: str, account: Account) -> Iterator[Finding]:
    """Reads of what no write could have made visible."""
    for place in _first(judged, judged.impossible):
        example = example_of_read(judged, place, account)
        what = "had not been written yet" if len(example) > 1 else "was never written"
        yield Finding(
            kind="impossible_reads",
            phase=phase,
            count=int(np.count_nonzero(judged.impossible)),
            text=f"read {_said(example)}, which {what}",
            example=example,
        )


def overdue_reads(
    judged: Judged, overdue: Mask, phase: str, account: Account, max_staleness_ns: int
) -> Iterator[Finding]:
    """Reads of what had been replaced for longer than is promised."""
    for place in _first(judged, overdue):
        example = example_of_read(judged, place, account)
        late_ms = judged.staleness_ns[place] / _NS_PER_MS
        promised_ms = 0 if judged.stale_by_own[place] else max_staleness_ns / _NS_PER_MS
        yield Finding(
            kind="overdue_reads",
            phase=phase,
            count=int(np.count_nonzero(overdue)),
            text=f"read {_said(example)} {late_ms:,.3f} ms after it was replaced; "
            f"{promised_ms:g} ms are promised",
            example=example,
        )


def repeated_writes(
    judged: Judged, again: Mask, count: int, phase: str, account: Account
) -> Iterator[Finding]:
    """Writes that were seen again after what had replaced them."""
    for place in _first(judged, again):
        example = example_of_repeat(judged, place, account)
        yield Finding(
            kind="repeated_writes",
            phase=phase,
            count=count,
            text=f"read {_said(example)} after what had replaced it had been read",
            example=example,
        )


def never_read_writes(
    judged: Judged, unread: Sequence[int], phase: str, account: Account
) -> Iterator[Finding]:
    """Writes that no read has seen: nothing can be said of them.

    Args:
        judged: One worker's reads.
        unread: Indices of its changes.
        phase: The phase's name.
        account: Tells the operations.
    """
    if len(unread):
        told = account.change(judged.changes[unread[0]])
        yield Finding(
            kind="never_read_writes",
            phase=phase,
            count=len(unread),
            text=f"no read has seen revision {told['value']} of {told['key']}",
            example=(told,),
        )


def _first(judged: Judged, mask: Mask) -> list[int]:
    """The earliest read that a mask shows, if it shows any."""
    found = np.flatnonzero(mask)
    return [int(found[np.argmin(judged.reads["began"][found])])] if len(found) else []


def _said(example: Sequence[Told]) -> str:
    read = example[-1]
    what = "None" if read["value"] is None else f"revision {read['value']}"
    return f"{what} of {read['key']}"
