import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.messages import Work, landed_in
from pipeline_lib.runs import intake
from pipeline_lib.runtime import chain
from pipeline_lib.runtime.elsewhere import _blobs
from tests.shops import cut, exports

boto3 = pytest.importorskip("boto3")
moto = pytest.importorskip("moto.server")


@pytest.fixture
def bucket(monkeypatch):
    """A shop's own bucket, as the environment allows it; gives what puts a file there."""
    server = moto.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "known")
    monkeypatch.setenv("BUNDLECHAIN_S3_BUCKET", "exports")
    monkeypatch.setenv("BUNDLECHAIN_S3_ENDPOINT", endpoint)
    monkeypatch.setenv("BUNDLECHAIN_S3_REGION", "us-east-1")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="exports")
    yield lambda name, data: client.put_object(Bucket="exports", Key=name, Body=data)
    client.close()
    _blobs.cache_clear()
    server.stop()


def ingested(stores, slots):
    """The upload after its first phase."""
    intake.open_upload(
        stores.documents, upload_id="u", shop_id="s", slots=slots, parameters={}, now=now()
    )
    work = intake.begin(stores.documents, "u", now=now())
    ports = chain.reaching(stores.ports)
    chain.receiver(topology.first().name)(work.message(), ports)
    return stores.documents.read("uploads/u").data


def test_a_run_reads_a_file_that_lies_in_the_bucket_elsewhere(stores, bucket):
    bucket("july/orders.csv", cut(exports()["orders"], 1_000))

    upload = ingested(stores, {"orders": "s3://exports/july/orders.csv"})

    assert upload["phases"]["ingest"]["state"] == "done"
    assert upload["phases"]["ingest"]["output"]["lines"] > 900


def test_a_file_elsewhere_does_not_keep_the_others_from_starting_the_run(stores, bucket):
    slots = {"orders": "s3://exports/o.csv", "products": "u/products/p.csv"}
    intake.open_upload(
        stores.documents, upload_id="u", shop_id="s", slots=slots, parameters={}, now=now()
    )

    stores.ports.landing.write_once("u/products/p.csv", b"x")
    notice = landed_in(stores.topics.take().message)

    assert intake.landed(stores.documents, notice, now=now()) == Work("u", 1)


@pytest.mark.parametrize("name", ["s3://other/orders.csv", "s3://exports-2/o.csv"])
def test_no_bucket_but_the_one_that_is_set_is_read(stores, bucket, name):
    upload = ingested(stores, {"orders": name})

    assert upload["status"] == "failed"
    assert upload["error"]["message"] == f"{name}: files are not taken from that bucket"


def test_where_none_is_set_nothing_elsewhere_is_read(stores, monkeypatch):
    monkeypatch.delenv("BUNDLECHAIN_S3_BUCKET", raising=False)

    assert ingested(stores, {"orders": "s3://exports/o.csv"})["status"] == "failed"
