import pytest

from pipeline_lib.adapters.local.blobs import FolderBlobs, LandingFolder
from pipeline_lib.messages import Landing
from tests.contracts.blobs import BlobsContract


class TestFolderBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path):
        return FolderBlobs(tmp_path / "blobs")


class TestLandingFolder(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path):
        return LandingFolder(tmp_path / "blobs", lambda _: None)

    def test_each_drop_is_told_even_a_second_one(self, tmp_path):
        told = []
        landing = LandingFolder(tmp_path, told.append)

        landing.write_once("u/orders/f.csv", b"a")
        landing.write_once("u/orders/f.csv", b"a")

        assert told == [Landing("u/orders/f.csv", "1")] * 2


def test_a_write_that_breaks_off_leaves_nothing(tmp_path):
    class Broken:
        def read(self, size):
            raise OSError("the line is cut")

    blobs = FolderBlobs(tmp_path)

    with pytest.raises(OSError, match="cut"):
        blobs.write_once("name", Broken())

    assert blobs.open("name") is None
    assert blobs.names("") == []
    assert list(tmp_path.iterdir()) == []
