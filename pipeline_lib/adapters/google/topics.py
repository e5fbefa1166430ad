"""Topics of Pub/Sub; Terraform holds their subscriptions."""

from google.api_core.retry import Retry
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.types import BatchSettings

from pipeline_lib.adapters.google.errors import TRANSIENT, translate_google_errors
from pipeline_lib.messages import Message

NO_BATCHING = BatchSettings(
    max_messages=1
)  # a phase sends one or two: waiting for a batch only delays them
TIMEOUT_S = 30.0  # retries included; then the phase is delivered again, and publishes again


def publisher() -> PublisherClient:
    """A client that sends each message at once."""
    return PublisherClient(batch_settings=NO_BATCHING)


class PubsubTopics:
    """The topics of ``project``."""

    def __init__(self, client: PublisherClient, project: str) -> None:
        self._client = client
        self._project = project

    def publish(self, topic: str, message: Message) -> None:
        path = self._client.topic_path(self._project, topic)
        with translate_google_errors():
            self._client.publish(
                path,
                message.data,
                retry=Retry(_is_transient, timeout=TIMEOUT_S),
                timeout=TIMEOUT_S,
                **message.attributes,
            ).result(timeout=TIMEOUT_S)


def _is_transient(error: Exception) -> bool:
    return isinstance(error, TRANSIENT)
