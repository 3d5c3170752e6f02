"""A whole run on services with passwords, whose users may do what the page on security says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.privileges import ENCODED, PASSWORD, allowed
from tests.support.command import Bench
from tests.support.servers import EmbeddedRedis, embedded_redis

pytestmark = pytest.mark.story


@pytest.fixture
def other_redis() -> Iterator[EmbeddedRedis]:
    """A second server of the test's own."""
    with embedded_redis() as server:
        yield server


def test_no_password_is_shown_or_stored(
    own_redis: EmbeddedRedis, other_redis: EmbeddedRedis, tmp_path: Path
) -> None:
    """Neither of a run that works, nor of one whose L2 refuses it, wherever one looks."""
    with allowed(own_redis, "broker") as broker, allowed(other_redis, "l2") as l2:
        for l2_url, code in ((l2, 0), (l2.replace(ENCODED, f"{ENCODED}-wrong"), 1)):
            bench = Bench(tmp_path, {"BENCH_BROKER_URL": broker, "BENCH_L2_URL": l2_url})
            told = [bench("run", "basic_operations", "--services", "urls"), bench("doctor")]
            assert [bool(done.returncode) for done in told] == [bool(code)] * 2
            assert all("geheim" not in done.stdout + done.stderr for done in told)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"report.json", "results.db"} <= {path.name for path in kept}
    for secret in (PASSWORD, ENCODED, "geheim"):
        assert [path for path in kept if secret.encode() in path.read_bytes()] == []
