"""What Dramatiq loads in a worker process: settings, broker, store and actors, put together."""

import multiprocessing
import os
import signal
import socket
from pathlib import Path
from uuid import uuid4

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, ShutdownNotifications

from pipeline import turns
from pipeline.broker import make_broker
from pipeline.settings import Settings
from results.records import WorkerIdentity
from results.store import Store
from workers import log
from workers.actors import declare_actors
from workers.job import Worker
from workers.leaving import Leaving
from workers.parent import die_with_parent
from workers.patience import patiently
from workers.slot import NUMBER_VARIABLE, SAMPLES_VARIABLE, Slot


def build_broker() -> RedisBroker:
    """Everything that a worker process needs, from its environment.

    Raises:
        NotSupervisedError: No supervisor has started this process.
    """
    slot = Slot.of_environment()
    log.set_up(f"worker {os.environ.get(NUMBER_VARIABLE, '?')}")
    settings = Settings.read()
    broker = make_broker(settings.broker_url)
    broker.add_middleware(AsyncIO())
    leaving = Leaving()
    broker.add_middleware(leaving, before=ShutdownNotifications)
    samples = os.environ.get(SAMPLES_VARIABLE)
    worker = Worker(
        identity=_identity(),
        settings=settings,
        store=patiently(Store.open, settings.results_url),
        broker=broker,
        slot=slot,
        samples=Path(samples) if samples else None,
        in_turn=turns.told(os.environ),
    )
    declare_actors(broker, worker, leaving)
    slot.announce(worker.identity)
    return broker


def _identity() -> WorkerIdentity:
    host = socket.gethostname()
    return WorkerIdentity(
        worker_id=f"{host[:20]}-{os.getpid()}-{uuid4().hex[:8]}", host=host, pid=os.getpid()
    )


def _die_with_master() -> None:
    master = multiprocessing.parent_process()
    if master is not None and master.pid is not None:
        die_with_parent(signal.SIGKILL, master.pid)


_die_with_master()
dramatiq.set_broker(build_broker())
