import base64
import json

import pytest

from dev.emulators.plumbing import topic
from dev.emulators.services import PROJECT, asked
from pipeline_lib.adapters.google.topics import PubsubTopics, publisher
from pipeline_lib.messages import Message
from tests.contracts.topics import TopicsContract

READER = f"/v1/projects/{PROJECT}/subscriptions/reader"


@pytest.mark.emulators
class TestPubsubTopics(TopicsContract):
    @pytest.fixture
    def topics(self, emulators):
        asked(emulators.pubsub, "PUT", f"/v1/{topic('score')}", {})
        asked(emulators.pubsub, "PUT", READER, {"topic": topic("score")})
        client = publisher()
        yield PubsubTopics(client, PROJECT)
        client.stop()
        asked(emulators.pubsub, "DELETE", READER)
        asked(emulators.pubsub, "DELETE", f"/v1/{topic('score')}")

    @pytest.fixture
    def received(self, emulators):
        def pull():
            said = asked(emulators.pubsub, "POST", f"{READER}:pull", {"maxMessages": 1})
            (one,) = json.loads(said)["receivedMessages"]
            acknowledged = {"ackIds": [one["ackId"]]}
            asked(emulators.pubsub, "POST", f"{READER}:acknowledge", acknowledged)
            data = base64.b64decode(one["message"]["data"])
            return "score", Message(data, one["message"].get("attributes", {}))

        return pull
