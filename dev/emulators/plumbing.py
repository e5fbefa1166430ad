"""Topics, push subscriptions and buckets from the rows that Terraform reads; it pushes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from dev.emulators.processes import HOST
from dev.emulators.services import ARTEFACTS, PROJECT, UPLOADS, Services, asked
from pipeline_lib import topology

WAKERS = ("messages", "dead_letters")
KEPT = "kept"  # after the name of the topic whose dead letters it takes


@dataclass(frozen=True)
class Delivery:
    """How a message is pushed: how long a push may take, and how often it is tried.

    A push that is refused is tried again after a second. The emulator (0.8.20) knows the
    topology's growing back-off too, but it then loses messages: two that are refused within the
    same moment are noted twice, the second note of one that is gone ends the emulator's own timer
    without a word, and nothing of that subscription which was refused twice ever comes again. So
    it is given no back-off; what a lease outlasts in the cloud may be a dead letter here.
    """

    ack_deadline_s: int
    max_attempts: int


MOST_ATTEMPTS = 100  # the emulator takes no more, nor does Pub/Sub


def as_deployed() -> Delivery:
    """As long as the topology says, and as often as can be, for want of a back-off."""
    return Delivery(topology.ack_deadline_s(), MOST_ATTEMPTS)


def lay(services: Services, functions: Mapping[str, int], delivery: Delivery) -> None:
    """Make the buckets and topics, and a push subscription for each function that a message wakes.

    Args:
        services: the emulators.
        functions: each function's port.
        delivery: how each subscription pushes.
    """
    for bucket in (UPLOADS, ARTEFACTS):
        asked(services.buckets, "POST", "/storage/v1/b", {"name": bucket})
    grave = topology.dead_letters().name
    woken = [row.name for row in topology.phases() if row.wakes_on in WAKERS]
    for name in [*woken, f"{grave}-{KEPT}"]:
        asked(services.pubsub, "PUT", f"/v1/{topic(name)}", {})
    for name in woken:
        buried_in = f"{grave}-{KEPT}" if name == grave else grave
        body = _subscription(name, functions[name], delivery, buried_in)
        asked(services.pubsub, "PUT", f"/v1/projects/{PROJECT}/subscriptions/{name}", body)


def topic(name: str) -> str:
    """The full name of a topic."""
    return f"projects/{PROJECT}/topics/{name}"


def _subscription(name: str, port: int, delivery: Delivery, buried_in: str) -> dict[str, object]:
    return {
        "topic": topic(name),
        "ackDeadlineSeconds": delivery.ack_deadline_s,
        "pushConfig": {"pushEndpoint": f"http://{HOST}:{port}/"},
        "deadLetterPolicy": {
            "deadLetterTopic": topic(buried_in),
            "maxDeliveryAttempts": delivery.max_attempts,
        },
    }
