import pytest
from google.cloud.firestore_v1 import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from dev.emulators.processes import NotStarted
from dev.emulators.servers import PROJECT, call_emulator
from pipeline_lib.adapters.google.documents import FirestoreDocuments
from tests.contracts.documents import DocumentsContract, DocumentsMachine

pytestmark = pytest.mark.emulators


@pytest.fixture(scope="module")
def client(emulators):
    client = Client(project=PROJECT)
    yield client
    client.close()


def emptied(emulators):
    """Removes all documents; a busy emulator cancels a call now and then (499), not the next."""
    path = f"/emulator/v1/projects/{PROJECT}/databases/(default)/documents"
    try:
        call_emulator(emulators.firestore, "DELETE", path)
    except NotStarted as refusal:
        if "499" not in str(refusal):
            raise
        call_emulator(emulators.firestore, "DELETE", path)


class TestFirestoreDocuments(DocumentsContract):
    @pytest.fixture
    def documents(self, client, emulators):
        emptied(emulators)
        return FirestoreDocuments(client)

    def test_more_than_one_commit_holds_is_put_and_deleted_whole(self, documents):
        many = {f"things/{n:04}": {"n": n} for n in range(1_001)}

        documents.put(many)
        assert len(documents.find("things", {})) == len(many)
        documents.delete(list(many))
        assert documents.find("things", {}) == []


def test_any_sequence_of_writes_leaves_what_a_dictionary_would_hold(client, emulators):
    class AgainstADictionary(DocumentsMachine):
        def made(self):
            emptied(emulators)
            return FirestoreDocuments(client)

    few = settings(
        max_examples=10, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(AgainstADictionary, settings=few)
