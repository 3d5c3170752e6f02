"""What is done to connections, and what that comes to for one of their two directions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.fault import Direction

Heading = Literal["to_server", "from_server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is done to connections; what is None or false is not done.

    Args:
        delay_s: Seconds by which each byte is late.
        jitter_s: Seconds by which that varies, to both sides; bytes keep their order.
        bytes_per_s: What passes in a second, for each connection.
        direction: Which way delay, bandwidth and silence are about.
        refuse: Open connections are cut, new ones refused.
        reset: Open connections are reset, new ones at their first byte.
        silent: Bytes that go in `direction` don't arrive while it lasts.
        half_open: Connections are accepted, and nothing on any of them is ever answered; they are
            reset at the end.
        cut_after_bytes: A connection is cut after so many bytes from the server.
        close_after_s: Nothing is answered any more; connections close after so many seconds.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: int | None = None
    direction: Direction = "both"
    refuse: bool = False
    reset: bool = False
    silent: bool = False
    half_open: bool = False
    cut_after_bytes: int | None = None
    close_after_s: float | None = None

    def silences(self, heading: Heading) -> bool:
        """Whether nothing passes that way."""
        if self.half_open:
            return True
        if self.close_after_s is not None and heading == "from_server":
            return True
        return self.silent and self.concerns(heading)

    def concerns(self, heading: Heading) -> bool:
        """Whether it is about that way."""
        return self.direction in {"both", heading}


@dataclass(frozen=True, slots=True)
class Way:
    """What all conditions in force come to for one direction.

    Args:
        delay_s: Seconds by which each byte is late.
        jitter_s: Seconds by which that varies.
        bytes_per_s: What passes in a second; None for all that comes.
        silent: Nothing passes.
        reset: The first byte that comes resets the connection.
        cut_after_bytes: The connection is cut after so many bytes; None for never.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: int | None = None
    silent: bool = False
    reset: bool = False
    cut_after_bytes: int | None = None

    @classmethod
    def of(cls, in_force: Iterable[Conditions], heading: Heading) -> "Way":
        """Join conditions: delays add up, and of limits the narrowest holds."""
        every = tuple(in_force)
        ours = [each for each in every if each.concerns(heading)]
        rates = [each.bytes_per_s for each in ours if each.bytes_per_s is not None]
        cuts = [each.cut_after_bytes for each in every if each.cut_after_bytes is not None]
        return cls(
            delay_s=sum(each.delay_s for each in ours),
            jitter_s=sum(each.jitter_s for each in ours),
            bytes_per_s=min(rates, default=None),
            silent=any(each.silences(heading) for each in every),
            reset=heading == "to_server" and any(each.reset for each in every),
            cut_after_bytes=min(cuts, default=None) if heading == "from_server" else None,
        )


CLEAR = Way()
"""Nothing is done."""
