"""The functions as they are, but with a phase that goes wrong for the uploads that ask for it.

What goes wrong is the first part of the upload's id: ``poison`` fails until the file ``mended`` is
there, ``slow`` outlasts the ack deadline, ``crash`` kills its process, ``twice`` leaves every
message twice (but not again what a duplicate leaves: that would double at every phase).
"""

import os
import signal
import time
from importlib import import_module
from pathlib import Path

from pipeline_lib import topology
from pipeline_lib.adapters.google.topics import PubsubTopics
from pipeline_lib.messages import work_of

PHASES = {"poison": "price", "slow": "price", "crash": "explain"}
ACK_DEADLINE_S = 10
SLOW_S = ACK_DEADLINE_S + 5
CRASHED_LEASE_S = 6
NOTES = "DISTURBED_NOTES"  # the folder in which processes leave notes for each other


def entry(name):
    """The entry point of the function, disturbed."""
    if topology.phase(name).role != "service":
        phase = import_module(f"pipeline_lib.phases.{name}")
        phase.run = disturbed(name, phase.run)
    if name == PHASES["crash"]:  # not to wait for two and a half minutes
        topology.LEASE_MARGIN_S = CRASHED_LEASE_S - topology.phase(name).timeout_s
    PubsubTopics.publish = twice(PubsubTopics.publish)
    return import_module(f"functions.{name}.main").main


def disturbed(name, run):
    def instead(job):
        kind = job.work.upload_id.partition("-")[0]
        if PHASES.get(kind) == name:
            DISTURBANCES[kind](job.work.upload_id)
        return run(job)

    return instead


def poisoned(_):
    if not (notes() / "mended").exists():
        raise RuntimeError("customer anna@example.com has no price")


def slow(upload_id):
    if first(upload_id):
        time.sleep(SLOW_S)


def crash(upload_id):
    if first(upload_id):
        os.kill(os.getpid(), signal.SIGKILL)


def twice(publish):
    def instead(self, topic, message):
        publish(self, topic, message)
        upload_id = work_of(message).upload_id
        if upload_id.startswith("twice") and first(f"{upload_id}.{topic}"):
            publish(self, topic, message)

    return instead


DISTURBANCES = {"poison": poisoned, "slow": slow, "crash": crash}


def first(upload_id):
    try:
        (notes() / upload_id).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def notes():
    return Path(os.environ[NOTES])
