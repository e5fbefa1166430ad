"""Topics, push subscriptions and buckets, from the topology that Terraform reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from dev.emulators.processes import HOST
from dev.emulators.servers import ARTEFACTS, PROJECT, UPLOADS, Emulators, call_emulator
from pipeline_lib import topology

PUSHED = ("messages", "dead_letters")
SUFFIX = "kept"  # after the name of the topic whose dead letters it takes


@dataclass(frozen=True)
class PushPolicy:
    """How a message is pushed: how long a push may take, and how often it is tried.

    A push that is refused is tried again after a second. The emulator (0.8.20) knows the
    topology's back-off too, but then it loses messages: two that are refused within the
    same moment are noted twice, the second note of one that is gone ends the emulator's own timer
    without a word, and nothing of that subscription which was refused twice ever comes again. So
    it is given no back-off; what a lease outlasts in the cloud may be a dead letter here.
    """

    ack_deadline_s: int
    max_attempts: int


MOST_ATTEMPTS = 100  # the emulator takes no more, nor does Pub/Sub


def deployed_policy() -> PushPolicy:
    """The topology's deadline and the most attempts, because there is no back-off."""
    return PushPolicy(topology.ack_deadline_s(), MOST_ATTEMPTS)


def create_resources(
    emulators: Emulators, functions: Mapping[str, int], policy: PushPolicy
) -> None:
    """Make the buckets and topics, and a push subscription for each function that a message wakes.

    Args:
        emulators: where they listen.
        functions: each function's port.
        policy: how each subscription pushes.
    """
    for bucket in (UPLOADS, ARTEFACTS):
        call_emulator(emulators.buckets, "POST", "/storage/v1/b", {"name": bucket})
    dead_letters = topology.dead_letters().name
    woken = [row.name for row in topology.phases() if row.wakes_on in PUSHED]
    for name in [*woken, f"{dead_letters}-{SUFFIX}"]:
        call_emulator(emulators.pubsub, "PUT", f"/v1/{topic_path(name)}", {})
    for name in woken:
        dead_letter_topic = f"{dead_letters}-{SUFFIX}" if name == dead_letters else dead_letters
        body = _subscription(name, functions[name], policy, dead_letter_topic)
        call_emulator(emulators.pubsub, "PUT", f"/v1/projects/{PROJECT}/subscriptions/{name}", body)


def topic_path(name: str) -> str:
    """The full name of a topic."""
    return f"projects/{PROJECT}/topics/{name}"


def _subscription(
    name: str, port: int, policy: PushPolicy, dead_letter_topic: str
) -> dict[str, object]:
    return {
        "topic": topic_path(name),
        "ackDeadlineSeconds": policy.ack_deadline_s,
        "pushConfig": {"pushEndpoint": f"http://{HOST}:{port}/"},
        "deadLetterPolicy": {
            "deadLetterTopic": topic_path(dead_letter_topic),
            "maxDeliveryAttempts": policy.max_attempts,
        },
    }
