import base64
import json

import pytest

from dev.emulators.resources import topic_path
from dev.emulators.servers import PROJECT, call_emulator
from pipeline_lib.adapters.google.topics import PubsubTopics, publisher
from pipeline_lib.messages import Message
from tests.contracts.topics import TopicsContract

READER = f"/v1/projects/{PROJECT}/subscriptions/reader"


@pytest.mark.emulators
class TestPubsubTopics(TopicsContract):
    @pytest.fixture
    def topics(self, emulators):
        call_emulator(emulators.pubsub, "PUT", f"/v1/{topic_path('score')}", {})
        call_emulator(emulators.pubsub, "PUT", READER, {"topic": topic_path("score")})
        client = publisher()
        yield PubsubTopics(client, PROJECT)
        client.stop()
        call_emulator(emulators.pubsub, "DELETE", READER)
        call_emulator(emulators.pubsub, "DELETE", f"/v1/{topic_path('score')}")

    @pytest.fixture
    def received(self, emulators):
        def pull():
            said = call_emulator(emulators.pubsub, "POST", f"{READER}:pull", {"maxMessages": 1})
            (one,) = json.loads(said)["receivedMessages"]
            acknowledged = {"ackIds": [one["ackId"]]}
            call_emulator(emulators.pubsub, "POST", f"{READER}:acknowledge", acknowledged)
            data = base64.b64decode(one["message"]["data"])
            return "score", Message(data, one["message"].get("attributes", {}))

        return pull
