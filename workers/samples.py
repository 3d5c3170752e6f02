"""Raw timings as files, for people who want more than histograms and for tests of these."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from workers.measured import MeasuredPhase
from workers.recorder import Code


def write_samples(path: Path, phases: Sequence[MeasuredPhase], codes: tuple[Code, ...]) -> None:
    """Write an attempt's operations as a compressed `.npz` file.

    Its arrays have an element each operation: `phase` (a place in `phases`), `start_ns` (on the
    process's own clock), `duration_ns` and `code` (a place in `codes`, whose rows are operation,
    tier and outcome), and `due_ns` (the same as `start_ns` where a closed loop has nothing due).
    `warmup` tells which phases are not measured.

    Args:
        path: The file, whose folder is made if need be.
        phases: What was measured.
        codes: The code book's combinations by number.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [measured.samples for measured in phases]
    np.savez_compressed(
        path,
        phases=np.array([measured.phase.name for measured in phases]),
        warmup=np.array([measured.phase.warmup for measured in phases]),
        codes=np.array(codes).reshape(-1, 3),
        phase=np.repeat(np.arange(len(phases)), [len(each) for each in samples]),
        start_ns=np.concatenate([each.start_ns for each in samples]),
        duration_ns=np.concatenate([each.duration_ns for each in samples]),
        code=np.concatenate([each.code for each in samples]),
        due_ns=np.concatenate(
            [each.start_ns if each.due_ns is None else each.due_ns for each in samples]
        ),
    )
