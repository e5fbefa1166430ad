from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.adapters.local.documents import SqliteDocuments
from tests.contracts.documents import DocumentsContract, DocumentsMachine


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


class AgainstADictionary(DocumentsMachine):
    def made(self):
        self.folder = TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "state.sqlite")
        return SqliteDocuments(self.database)

    def teardown(self):
        self.database.close()
        self.folder.cleanup()


TestAgainstADictionary = AgainstADictionary.TestCase
TestAgainstADictionary.settings = settings(max_examples=50)
