"""How often a call asks the stores, counted at the ports."""

from collections import Counter
from dataclasses import fields, replace

import pytest

from pipeline_lib.http.limits import Limits
from tests.http.conftest import ORDERS, Caller, client_of


class Counted:
    """An adapter whose calls are noted: its port, the method and the paths that are asked for."""

    def __init__(self, port, inner, calls):
        self._port, self._inner, self._calls = port, inner, calls

    def __getattr__(self, name):
        method = getattr(self._inner, name)

        def noted(*given, **named):
            self._calls.append((f"{self._port}.{name}", given))
            return method(*given, **named)

        return noted


@pytest.fixture
def calls():
    return []


@pytest.fixture
def counted(services, clock, calls):
    """Calls an interface whose ports count."""
    ports = services.ports
    noted = {
        field.name: Counted(field.name, getattr(ports, field.name), calls)
        for field in fields(ports)
        if field.name != "secrets"
    }
    made = replace(services, ports=replace(ports, **noted), limits=Limits())
    with client_of(made) as client:
        caller = Caller(client, made, clock)

        def call(*given, **more):
            calls.clear()
            return caller(*given, **more)

        yield call


def read_twice(calls):
    """The documents that were read more than once."""
    one = [given[0] for name, given in calls if name == "documents.read"]
    many = [path for name, given in calls if name == "documents.read_all" for path in given[0]]
    return [path for path, count in Counter([*one, *many]).items() if count > 1]


@pytest.fixture
def session(ask):
    """An upload that waits for a second file, and one file of it that has landed."""
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "runId": "r"}
    return ask("POST", "/api/shopify/upload", text).json()["uploadId"]


def test_a_run_begins_in_at_most_eight_operations(counted, calls, session):
    answer = counted("POST", "/api/generate-bundles", {"csvUploadId": session})

    assert answer.status_code == 202
    assert len(calls) <= 8, calls
    assert read_twice(calls) == []
    assert [name for name, _ in calls].count("topics.publish") == 1


def test_a_run_that_is_under_way_is_found_in_two(counted, calls, session):
    counted("POST", "/api/generate-bundles", {"csvUploadId": session})

    counted("POST", "/api/generate-bundles", {"csvUploadId": session})

    assert [name for name, _ in calls] == ["documents.swap", "documents.read_all"]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/generation-progress/{id}", 2),
        ("/api/upload-status/{id}", 1),
        ("/api/uploads/{id}", 1),
        ("/api/csv-uploads", 1),
        ("/api/bundle-recommendations", 2),
        ("/api/bundles", 2),
        ("/api/dashboard-stats", 4),
        ("/api/bundles/quick-install/status", 1),
        ("/healthz", 0),
    ],
)
def test_a_read_asks_for_little_and_for_nothing_twice(counted, calls, session, path, most):
    answer = counted("GET", path.replace("{id}", session))

    assert answer.status_code == 200
    assert len(calls) <= most, calls
    assert read_twice(calls) == []


@pytest.mark.parametrize("what", ["resume", "cancel"])
def test_a_change_of_a_run_reads_nothing_twice(counted, calls, session, what):
    counted("POST", "/api/generate-bundles", {"csvUploadId": session})

    answer = counted("POST", f"/api/generate-bundles/{session}/{what}")

    assert answer.status_code in {200, 202}
    assert read_twice(calls) in ([], ["flags/current"])


def test_a_file_is_received_and_its_upload_is_read_once(counted, calls):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "runId": "fresh"}

    counted("POST", "/api/shopify/upload", text)

    assert read_twice(calls) in ([], ["flags/current"])
