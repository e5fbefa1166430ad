import base64
import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import google_crc32c
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from dev.emulators.servers import PROJECT, call_emulator
from pipeline_lib.adapters.google.blobs import BucketBlobs
from pipeline_lib.errors import StoreUnavailable
from tests.contracts.blobs import BlobsContract

SINGLE_REQUEST = 8 << 20  # bytes; more is sent in several


def client_at(endpoint):
    return Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": endpoint},
    )


@pytest.mark.emulators
class TestBucketBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, emulators, request):
        name = f"b{abs(hash(request.node.name))}"
        call_emulator(emulators.buckets, "POST", "/storage/v1/b", {"name": name})
        client = client_at(emulators.endpoint)
        yield BucketBlobs(client.bucket(name))
        client.close()

    def test_more_than_one_request_holds_is_written_whole(self, blobs):
        content = bytes(range(256)) * (SINGLE_REQUEST // 256 + 10)

        assert blobs.write_once("big", io.BytesIO(content)) is True

        with blobs.open("big") as stream:
            assert stream.read() == content


@pytest.mark.parametrize("size", [10, SINGLE_REQUEST + 1])
def test_every_upload_asks_for_the_name_to_be_free(size):
    with recording(bytes(size)) as (endpoint, asked_for):
        client = client_at(endpoint)

        assert BucketBlobs(client.bucket("b")).write_once("name", bytes(size)) is True

        client.close()
    begun = [query for method, query in asked_for if method == "POST"]
    assert len(begun) == 1
    assert begun[0]["ifGenerationMatch"] == ["0"]
    assert begun[0]["uploadType"] == ["multipart" if size == 10 else "resumable"]


def test_a_bucket_that_does_not_answer_is_unavailable(monkeypatch):
    client = client_at("http://127.0.0.1:9")
    blobs = BucketBlobs(
        client.bucket(
            "b",
        )
    )
    monkeypatch.setattr("google.cloud.storage.retry.DEFAULT_RETRY._timeout", 0.1)

    with pytest.raises(StoreUnavailable, match=r"^(Retry|Connection)"):
        blobs.open("name")

    client.close()


@contextmanager
def recording(content):
    """A server that takes uploads of the content and remembers what was asked for."""
    checksum = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    asked_for = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked_for.append(("POST", parse_qs(urlsplit(self.path).query)))
            self.take()

        def do_PUT(self):
            asked_for.append(("PUT", {}))
            self.take()

        def take(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"name": "name", "crc32c": checksum}).encode()
            self.send_response(200)
            self.send_header("Location", f"{endpoint}/session")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever).start()
        try:
            yield endpoint, asked_for
        finally:
            server.shutdown()
