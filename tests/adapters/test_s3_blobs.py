import io

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from pipeline_lib.adapters.s3.blobs import S3Blobs
from pipeline_lib.errors import StoreUnavailable
from tests.contracts.blobs import BlobsContract


def client_at(endpoint):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="somebody",
        aws_secret_access_key="known",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(server, request):
    client = client_at(server)
    yield client
    client.close()


class TestS3Blobs(BlobsContract):
    @pytest.fixture
    def blobs(self, client, request):
        bucket = f"b{abs(hash(request.node.name))}"
        client.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        return S3Blobs(client, bucket)

    def test_a_stream_can_be_read_again_from_anywhere(self, blobs):
        blobs.write_once("name", io.BytesIO(b"0123456789"))

        with blobs.open("name") as stream:
            assert stream.read(4) == b"0123"
            stream.seek(-3, io.SEEK_END)
            assert stream.read() == b"789"
            stream.seek(0)
            assert stream.read() == b"0123456789"


def test_a_store_that_does_not_answer_is_unavailable():
    client = client_at("http://127.0.0.1:9")

    with pytest.raises(StoreUnavailable):
        S3Blobs(client, "bucket").open("name")

    client.close()
