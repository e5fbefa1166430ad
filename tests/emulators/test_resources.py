import base64
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev.emulators import cloud, resources, servers
from dev.emulators.processes import HOST, processes
from dev.emulators.servers import call_emulator
from pipeline_lib import topology

pytestmark = [pytest.mark.emulators]

MESSAGES = [f"message {number}" for number in range(5)]
REFUSED = 5  # times, before a message is taken
MOST_S = 60


@contextmanager
def refusing():
    """A function that takes a message when it has refused it often enough; gives port and tries."""
    tries = Counter()

    class Function(BaseHTTPRequestHandler):
        def do_POST(self):
            pushed = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            message = base64.b64decode(pushed["message"]["data"]).decode()
            tries[message] += 1
            self.send_response(204 if tries[message] > REFUSED else 500)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer((HOST, 0), Function) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_port, tries
        finally:
            server.shutdown()


def test_messages_that_are_refused_in_the_same_moment_come_again_until_they_are_taken(
    emulators_found, tmp_path
):
    first = topology.first().name
    with processes(tmp_path) as running, refusing() as (port, tries):
        there = servers.start_emulators(running, rules=cloud.RULES)
        functions = {row.name: port for row in topology.phases()}
        resources.create_resources(there, functions, resources.deployed_policy())
        bodies = [{"data": base64.b64encode(text.encode()).decode()} for text in MESSAGES]

        path = f"/v1/{resources.topic_path(first)}:publish"
        call_emulator(there.pubsub, "POST", path, {"messages": bodies})
        until = time.monotonic() + MOST_S
        while min(tries[text] for text in MESSAGES) <= REFUSED and time.monotonic() < until:
            time.sleep(0.1)

    assert {text: tries[text] for text in MESSAGES} == dict.fromkeys(MESSAGES, REFUSED + 1)
