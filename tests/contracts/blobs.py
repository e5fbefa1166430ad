"""What every Blobs adapter promises."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest


class BlobsContract:
    @pytest.fixture
    def blobs(self):
        raise NotImplementedError

    def test_what_was_written_is_read(self, blobs):
        blobs.write_once("a/b", b"bytes")

        with blobs.open("a/b") as stream:
            assert stream.read() == b"bytes"

    def test_a_name_without_bytes_is_none(self, blobs):
        blobs.write_once("a/b", b"bytes")

        assert blobs.open("a/c") is None
        assert blobs.open("a") is None

    def test_a_stream_is_written_whole(self, blobs):
        content = bytes(range(256)) * 20_000

        assert blobs.write_once("big", io.BytesIO(content)) is True

        with blobs.open("big") as stream:
            assert stream.read() == content

    def test_the_first_writer_wins(self, blobs):
        assert blobs.write_once("name", b"first") is True
        assert blobs.write_once("name", b"second") is False

        with blobs.open("name") as stream:
            assert stream.read() == b"first"

    def test_of_many_writers_at_once_one_wins(self, blobs):
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda n: blobs.write_once("name", bytes([n])), range(32)))

        assert won.count(True) == 1
        with blobs.open("name") as stream:
            assert stream.read() == bytes([won.index(True)])

    def test_names_come_sorted_by_prefix(self, blobs):
        for name in ("b/2", "a/1", "b/1", "bb"):
            blobs.write_once(name, b"")

        assert blobs.names("b") == ["b/1", "b/2", "bb"]
        assert blobs.names("b/") == ["b/1", "b/2"]
        assert blobs.names("c") == []

    def test_what_is_deleted_is_gone_and_the_rest_stays(self, blobs):
        for name in ("a/1", "a/2", "b"):
            blobs.write_once(name, b"bytes")

        blobs.delete(["a/1", "b"])

        assert blobs.open("a/1") is None
        assert blobs.names("") == ["a/2"]

    def test_what_is_not_there_can_be_deleted(self, blobs):
        blobs.delete(["never"])
        blobs.write_once("once", b"bytes")
        blobs.delete(["once", "once"])

        assert blobs.names("") == []

    def test_a_name_is_free_again_once_it_is_deleted(self, blobs):
        blobs.write_once("name", b"first")
        blobs.delete(["name"])

        assert blobs.write_once("name", b"second") is True
        assert blobs.write_once("name", b"third") is False
        with blobs.open("name") as stream:
            assert stream.read() == b"second"

    @pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../../up"])
    def test_a_name_that_leads_out_is_refused(self, blobs, name):
        with pytest.raises(ValueError, match="relative name"):
            blobs.write_once(name, b"")
        with pytest.raises(ValueError, match="relative name"):
            blobs.open(name)
        with pytest.raises(ValueError, match="relative name"):
            blobs.delete([name])
