"""Traces: damaged bytes in each format and each compression, read and looked at."""

import gzip
import lzma
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import zstandard

from pipeline.errors import PipelineError
from pipeline.trace import read_trace
from pipeline.trace.statistics import statistics_of
from tests.fuzz.mutation import damaged
from tests.fuzz.trying import is_untold

Case = tuple[str, bytes]


@cache
def _valid() -> tuple[Case, ...]:
    chance = random.Random(1)
    keys = [chance.randint(0, 40) for _ in range(60)]
    integers = b"".join(key.to_bytes(4, "big", signed=True) for key in keys)
    rows = [
        f"{second // 6},key{key},6,{chance.randint(0, 999)},1,{chance.choice(('get', 'set'))},60"
        for second, key in enumerate(keys)
    ]
    head = "timestamp,key,key_size,value_size,client_id,operation,ttl\n"
    plain = {"trace": integers, "csv": (head + "\n".join(rows) + "\n").encode()}
    packed = {
        "": lambda data: data,
        ".gz": gzip.compress,
        ".xz": lzma.compress,
        ".zst": zstandard.compress,
    }
    return tuple(
        (f"t.{kind}{ending}", pack(data))
        for kind, data in plain.items()
        for ending, pack in packed.items()
    )


def cases(chance: random.Random) -> Iterator[Case]:
    """Damaged traces, without end; some are called what they are not."""
    others = [data for _, data in _valid()]
    while True:
        name, data = chance.choice(_valid())
        if chance.random() < 0.05:
            name, _ = chance.choice(_valid())
        yield name, damaged(data, others, chance)


def try_out(case: Case, _folder: Path) -> bool:
    """Read it and look at it; whether it was taken for a trace."""
    name, content = case
    try:
        statistics_of(read_trace(content, name), lambda _stage: None)
    except PipelineError as error:
        return is_untold(error)
    return True
