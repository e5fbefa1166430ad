import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.messages import Work, landing_of
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.runs import opening
from pipeline_lib.runtime.receiver import handler_of
from pipeline_lib.runtime.s3_landing import _blobs
from pipeline_lib.runtime.settings import S3_BUCKET, S3Bucket, Settings
from pipeline_lib.runtime.wiring import embedded
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


@pytest.fixture
def stores(bucket, tmp_path):
    """The stores of an environment that allows the bucket."""
    stores = embedded(tmp_path / "state")
    yield stores
    stores.close()


def opened(collections, slots):
    opening.open_upload(
        collections,
        upload_id="u",
        shop_id="s",
        slots=slots,
        parameters=Parameters(),
        now=now(),
    )


def ingested(stores, collections, slots):
    """The upload after its first phase."""
    opened(collections, slots)
    work, _ = opening.begin_run(collections, "u", now=now())
    handler_of(topology.first().name)(work.message(), stores.ports)
    return collections.uploads.read("u").record


def test_a_run_reads_a_file_that_lies_in_the_bucket_elsewhere(stores, collections, bucket):
    bucket("july/orders.csv", cut(exports()["orders"], 1_000))

    upload = ingested(stores, collections, {"orders": "s3://exports/july/orders.csv"})

    assert upload.phases["ingest"].state == "done"
    assert upload.output("ingest", "lines") > 900


def test_a_file_elsewhere_does_not_keep_the_others_from_starting_the_run(stores, collections):
    opened(collections, {"orders": "s3://exports/o.csv", "products": "u/products/p.csv"})

    stores.ports.landing.write_once("u/products/p.csv", b"x")
    notice = landing_of(stores.topics.take().message)

    assert opening.record_landing(collections, notice, now=now()) == Work("u", 1)


@pytest.mark.parametrize("name", ["s3://other/orders.csv", "s3://exports-2/o.csv"])
def test_no_bucket_but_the_one_that_is_set_is_read(stores, collections, name):
    upload = ingested(stores, collections, {"orders": name})

    assert upload.status == "failed"
    assert (
        upload.error.message
        == f"{name}: files are not taken from that bucket; {S3_BUCKET} names the one"
    )


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({}, None),
        ({S3_BUCKET: ""}, None),
        ({S3_BUCKET: "b", "BUNDLECHAIN_S3_REGION": ""}, S3Bucket("b", None, None)),
    ],
)
def test_another_bucket_is_allowed_only_by_name(environ, known):
    assert Settings.from_environ(environ).s3 == known


def test_where_none_is_set_nothing_in_s3_is_read(stores, collections, monkeypatch):
    monkeypatch.delenv(S3_BUCKET, raising=False)

    upload = ingested(stores, collections, {"orders": "s3://exports/o.csv"})

    assert upload.status == "failed"
