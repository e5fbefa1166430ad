from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.adapters.local.documents import SqliteDocuments
from tests.contracts.documents import DocumentsContract


class TestSqliteDocuments(DocumentsContract):
    @pytest.fixture
    def documents(self, tmp_path):
        database = Database(tmp_path / "state.sqlite")
        yield SqliteDocuments(database)
        database.close()

    def test_another_process_sees_the_same(self, tmp_path, documents):
        documents.put({"things/1": {"n": 1}})
        other = Database(tmp_path / "state.sqlite")

        watch = SqliteDocuments(other).watch("things/1")
        next(watch)
        documents.put({"things/1": {"n": 2}})

        assert next(found for found in watch if found is not None).data == {"n": 2}
        watch.close()
        other.close()


class AgainstADictionary(RuleBasedStateMachine):
    """Any sequence of writes leaves what a dictionary with versions would hold."""

    versions = Bundle("versions")

    def __init__(self):
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "state.sqlite")
        self.documents = SqliteDocuments(self.database)
        self.model = {}

    @rule(target=versions, path=st.sampled_from("abc"), n=st.integers())
    def create(self, path, n):
        version = self.documents.swap(f"t/{path}", {"n": n}, since=None)
        if path in self.model:
            assert version is None
            return multiple()
        self.model[path] = ({"n": n}, version)
        return (path, version)

    @rule(target=versions, known=versions, n=st.integers())
    def replace(self, known, n):
        path, since = known
        version = self.documents.swap(f"t/{path}", {"n": n}, since=since)
        if self.model.get(path, (None, None))[1] != since:
            assert version is None
            return multiple()
        self.model[path] = ({"n": n}, version)
        return (path, version)

    @rule(known=consumes(versions))
    def delete(self, known):
        self.documents.delete([f"t/{known[0]}"])
        self.model.pop(known[0], None)

    @rule(path=st.sampled_from("abc"))
    def read(self, path):
        found = self.documents.read(f"t/{path}")
        assert (found and found.data) == self.model.get(path, (None,))[0]

    def teardown(self):
        self.database.close()
        self.folder.cleanup()


TestAgainstADictionary = AgainstADictionary.TestCase
TestAgainstADictionary.settings = settings(max_examples=50, deadline=None)
