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


def test_what_was_deleted_or_written_over_is_in_no_byte_of_the_file(tmp_path):
    documents = SqliteDocuments(Database(tmp_path / "state.sqlite"))
    documents.put({f"things/{n}": {"text": f"MARKER {n}" * 50} for n in range(200)})
    documents.put({f"things/{n}": {"text": "other"} for n in range(100)})
    assert b"MARKER" in everything(tmp_path)

    documents.delete([f"things/{n}" for n in range(100, 200)])
    documents.forget()

    assert b"MARKER" not in everything(tmp_path)
    assert documents.read("things/1").data == {"text": "other"}


def everything(folder):
    """All bytes of all files of the folder, as they are on the disk just now."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


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
