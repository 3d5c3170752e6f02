"""A scenario's data as people write it."""

from itertools import starmap

from pipeline.data import Data, Sizes

_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"))


def of_data(data: Data) -> str:
    """Keys, sizes and TTLs: `200 keys of users; values of 230 B; TTL 60 s 90 %, default 10 %`."""
    parts = [f"{data.keys:,} keys of {data.kind}"]
    if data.sizes is not None:
        parts.append(f"values {_sizes(data.sizes)}")
    if data.ttls:
        total = sum(share.weight for share in data.ttls)
        shares = [(share.ttl_s, share.weight / total) for share in data.ttls]
        parts.append(f"TTL {', '.join(starmap(_share, shares))}")
    return "; ".join(parts)


def _sizes(sizes: Sizes) -> str:
    text = "compressible" if sizes.compressible else "incompressible"
    least, most = _bytes(sizes.min_bytes), _bytes(sizes.max_bytes)
    if sizes.distribution == "fixed":
        return f"of {_bytes(sizes.bytes)}, {text}"
    if sizes.distribution == "uniform":
        return f"of {least} to {most}, {text}"
    return (
        f"log-normal round {_bytes(sizes.bytes)}, sigma {sizes.sigma:g}, {least} to {most}, {text}"
    )


def _share(ttl_s: float | None, share: float) -> str:
    return f"{'default' if ttl_s is None else f'{ttl_s:g} s'} {share:.0%}"


def _bytes(size: int) -> str:
    for factor, unit in _UNITS:
        if size >= factor and size % factor == 0:
            return f"{size // factor:,} {unit}"
    return f"{size:,} B"
