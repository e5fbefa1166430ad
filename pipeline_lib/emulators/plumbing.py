"""Topics, push subscriptions and buckets as Terraform makes them, from the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_lib import topology
from pipeline_lib.emulators.processes import HOST
from pipeline_lib.emulators.services import ARTEFACTS, PROJECT, UPLOADS, Services, asked
from pipeline_lib.topology import Retry

WAKERS = ("messages", "dead_letters")
KEPT = "kept"  # after the name of the topic whose dead letters it takes


@dataclass(frozen=True)
class Delivery:
    """How a message is pushed: how long a push may take, and how often it is tried again."""

    ack_deadline_s: int
    retry: Retry


def as_deployed() -> Delivery:
    """What the topology says."""
    return Delivery(topology.ack_deadline_s(), topology.retry())


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
    retry = delivery.retry
    return {
        "topic": topic(name),
        "ackDeadlineSeconds": delivery.ack_deadline_s,
        "pushConfig": {"pushEndpoint": f"http://{HOST}:{port}/"},
        "retryPolicy": {
            "minimumBackoff": f"{retry.min_backoff_s}s",
            "maximumBackoff": f"{retry.max_backoff_s}s",
        },
        "deadLetterPolicy": {
            "deadLetterTopic": topic(buried_in),
            "maxDeliveryAttempts": retry.max_attempts,
        },
    }
