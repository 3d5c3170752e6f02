"""The parts that `bench` stands on, each asked whether it works."""

import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.broker import ping
from pipeline.cli.l3 import check_l3
from pipeline.cli.report_file import DEFAULT_FOLDER
from pipeline.cli.stored import missing_file
from pipeline.errors import PipelineError
from pipeline.servers import EmbeddedServer
from pipeline.settings import Settings, redact_url
from results.errors import ResultsError
from results.store import Store

OK, OFF, DOWN = "ok", "off", "down"
_TIMEOUT_S = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One part: `off` is not there and not needed now, `down` is needed."""

    part: str
    state: str
    seen: str
    mend: str = ""


def check_all(settings: Settings) -> list[Check]:
    """Ask every part, the ones that `bench run` needs first."""
    return [
        Check("Python", OK, platform.python_version()),
        _folder(),
        _embedded_server(),
        *_servers(settings),
        _l3(settings),
        *_results(settings),
        _docker(),
    ]


def _folder() -> Check:
    where = DEFAULT_FOLDER.resolve()
    try:
        DEFAULT_FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=DEFAULT_FOLDER):
            return Check("folder .bench", OK, f"{where} can be written")
    except OSError as error:
        seen = f"{where}: {error.strerror}"
        return Check("folder .bench", DOWN, seen, "call bench in a folder that you may write to")


def _embedded_server() -> Check:
    try:
        with EmbeddedServer() as server:
            ping(server.url)
    except PipelineError as error:
        mend = "use --services docker or urls"
        return Check("embedded server", DOWN, str(error), mend)
    return Check("embedded server", OK, "Valkey starts and answers")


def _servers(settings: Settings) -> Iterator[Check]:
    """Broker and L2: needed once somebody has said where they are."""
    for part, variable, url in (
        ("broker", "BENCH_BROKER_URL", settings.broker_url),
        ("L2", "BENCH_L2_URL", settings.subject_l2_url),
    ):
        try:
            ping(url, what=part, variable=variable)
        except PipelineError as error:
            if variable in os.environ:
                yield Check(part, DOWN, str(error))
            else:
                seen = f"nothing answers at {redact_url(url)}"
                mend = f"`bench run` starts its own; for enqueue and worker set {variable}"
                yield Check(part, OFF, seen, mend)
        else:
            yield Check(part, OK, f"{redact_url(url)} answers")


def _l3(settings: Settings) -> Check:
    url = settings.subject_l3_url
    if missing_file(url) is not None:
        return Check("L3", OK, f"{redact_url(url)} is made when it is first used")
    try:
        check_l3(url)
    except PipelineError as error:
        return Check("L3", DOWN, str(error))
    return Check("L3", OK, f"{redact_url(url)} answers")


def _results(settings: Settings) -> Iterator[Check]:
    if missing_file(settings.results_url) is not None:
        seen = f"{redact_url(settings.results_url)} is made by the first run"
        yield Check("results", OFF, seen, "bench run quick")
        return
    try:
        with Store.open(settings.results_url) as store:
            alive = store.live_workers()
            runs = store.runs(1)
    except ResultsError as error:
        yield Check("results", DOWN, str(error))
        return
    latest = f"; latest run {runs[0].run.run_id}" if runs else "; no runs yet"
    yield Check("results", OK, f"{store.url} answers{latest}")
    if alive:
        yield Check("workers", OK, ", ".join(f"{each.host}:{each.pid}" for each in alive))
    else:
        mend = "`bench run` starts its own; for enqueue: bench worker"
        yield Check("workers", OFF, "none is alive", mend)


def _docker() -> Check:
    import docker
    from docker.errors import DockerException, ImageNotFound

    from pipeline.servers.docker import IMAGE

    mend = "needed for --services docker only: start Docker"
    try:
        client = docker.from_env(timeout=_TIMEOUT_S)
    except DockerException:
        return Check("Docker", OFF, "no Docker engine answers", mend)
    try:
        version = client.version()["Version"]
        client.images.get(IMAGE)
    except ImageNotFound:
        mend = f"--services docker pulls it; or: docker pull {IMAGE}"
        return Check("Docker", OK, f"{version}, without the image {IMAGE}", mend)
    except (DockerException, OSError):
        return Check("Docker", OFF, "the Docker engine does not answer", mend)
    finally:
        client.close()
    return Check("Docker", OK, f"{version} with the image {IMAGE}")
