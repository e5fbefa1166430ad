"""Topics of Pub/Sub; who is woken by them stands in Terraform."""

from google.api_core.retry import Retry
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.types import BatchSettings

from pipeline_lib.adapters.google.errors import TRANSIENT, translated
from pipeline_lib.messages import Message

AT_ONCE = BatchSettings(max_messages=1)  # a phase sends one or two: waiting for more is lost time
ANSWER_S = 30.0  # retries included; then the phase is delivered again, and publishes again


def publisher() -> PublisherClient:
    """A client that sends each message when it is given."""
    return PublisherClient(batch_settings=AT_ONCE)


class PubsubTopics:
    """The topics of ``project``."""

    def __init__(self, client: PublisherClient, project: str) -> None:
        self._client = client
        self._project = project

    def publish(self, topic: str, message: Message) -> None:
        path = self._client.topic_path(self._project, topic)
        with translated():
            self._client.publish(
                path,
                message.data,
                retry=Retry(_may_pass, timeout=ANSWER_S),
                timeout=ANSWER_S,
                **message.attributes,
            ).result(timeout=ANSWER_S)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, TRANSIENT)
