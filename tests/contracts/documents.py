"""What every Documents adapter promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from pipeline_lib.ports import Change, Order

INT64 = st.integers(-(2**63), 2**63 - 1)  # as far as Firestore counts
MORNING = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)


class DocumentsContract:
    @pytest.fixture
    def documents(self):
        raise NotImplementedError

    def test_a_document_comes_back_as_it_was(self, documents):
        data = {
            "text": "dès £",
            "number": 3,
            "share": 0.1,
            "yes": True,
            "none": None,
            "at": MORNING,
            "list": [1, {"deep": [MORNING]}],
        }

        version = documents.swap("things/1", data, since=None)

        assert documents.read("things/1").data == data
        assert documents.read("things/1").version == version

    def test_a_path_without_document_is_none(self, documents):
        assert documents.read("things/none") is None

    def test_a_time_without_zone_is_refused(self, documents):
        with pytest.raises(ValueError, match="time zone"):
            documents.swap("things/1", {"at": MORNING.replace(tzinfo=None)}, since=None)

        assert documents.read("things/1") is None

    def test_only_the_first_creates(self, documents):
        assert documents.swap("things/1", {"n": 1}, since=None) is not None
        assert documents.swap("things/1", {"n": 2}, since=None) is None

        assert documents.read("things/1").data == {"n": 1}

    def test_a_stale_version_changes_nothing(self, documents):
        old = documents.swap("things/1", {"n": 1}, since=None)
        new = documents.swap("things/1", {"n": 2}, since=old)

        assert documents.swap("things/1", {"n": 3}, since=old) is None
        assert documents.read("things/1").data == {"n": 2}
        assert new != old

    def test_several_are_read_at_once_in_the_order_asked_for(self, documents):
        documents.put({"things/1": {"n": 1}, "others/2": {"n": 2}})

        found = documents.read_all(["others/2", "things/none", "things/1"])

        assert [one and one.data for one in found] == [{"n": 2}, None, {"n": 1}]
        assert found[2].version == documents.read("things/1").version
        assert documents.read_all([]) == []

    def test_several_are_changed_together(self, documents):
        old = documents.swap("things/1", {"n": 1}, since=None)

        new, made = documents.swap_all(
            [Change("things/1", {"n": 2}, old), Change("others/1", {"m": 1}, None)]
        )

        assert documents.read("things/1").version == new
        assert documents.read("others/1").version == made
        assert [one.data for one in documents.read_all(["things/1", "others/1"])] == [
            {"n": 2},
            {"m": 1},
        ]

    @pytest.mark.parametrize("late", ["stale", "taken"])
    def test_of_several_changes_all_or_none_are_made(self, documents, late):
        old = documents.swap("things/1", {"n": 1}, since=None)
        documents.swap("things/2", {"n": 1}, since=None)
        refused = Change("things/2", {"n": 9}, "1" if late == "stale" else None)

        assert documents.swap_all([Change("things/1", {"n": 9}, old), refused]) is None

        assert documents.read("things/1").data == {"n": 1}
        assert documents.read("things/2").data == {"n": 1}

    def test_a_version_of_what_is_not_there_changes_nothing(self, documents):
        assert documents.swap("things/1", {"n": 3}, since="1") is None
        assert documents.read("things/1") is None

    def test_no_increment_of_many_writers_is_lost(self, documents):
        documents.swap("things/n", {"n": 0}, since=None)

        def add(_):
            while True:
                found = documents.read("things/n")
                if documents.swap("things/n", {"n": found.data["n"] + 1}, since=found.version):
                    return

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(20)))

        assert documents.read("things/n").data == {"n": 20}

    def test_find_gives_those_that_match_by_path(self, documents):
        documents.put(
            {
                "things/b": {"shop": "x", "open": True},
                "things/a": {"shop": "x", "open": False},
                "things/c": {"shop": "y", "open": True},
                "others/a": {"shop": "x", "open": True},
            }
        )

        assert [path for path, _ in documents.find("things", {"shop": "x"})] == [
            "things/a",
            "things/b",
        ]
        assert [path for path, _ in documents.find("things", {"shop": "x", "open": True})] == [
            "things/b"
        ]
        assert len(documents.find("things", {})) == 3

    def test_find_gives_the_first_by_a_field_and_those_after_one(self, documents):
        documents.put({f"things/{n}": {"shop": "x", "rank": n % 3} for n in range(8)})
        documents.put({"things/other": {"shop": "y", "rank": 0}, "things/none": {"shop": "x"}})

        def found(most, **order):
            rows = documents.find("things", {"shop": "x"}, order=Order("rank", **order), most=most)
            return [path.removeprefix("things/") for path, _ in rows]

        assert found(None) == ["0", "3", "6", "1", "4", "7", "2", "5"]
        assert found(3) == ["0", "3", "6"]
        assert found(3, after=(0, "things/3")) == ["6", "1", "4"]
        assert found(None, down=True) == ["5", "2", "7", "4", "1", "6", "3", "0"]
        assert found(2, down=True, after=(1, "things/4")) == ["1", "6"]
        assert found(0) == []

    @pytest.mark.parametrize(
        "values",
        [
            [None, -1, 0, 0.5, 2],
            [None, "", "Z", "a", "é"],
            [
                None,
                MORNING.replace(microsecond=0),
                MORNING,
                MORNING + timedelta(microseconds=1),
                MORNING + timedelta(days=9),
            ],
        ],
        ids=["numbers", "texts", "times"],
    )
    def test_values_of_a_field_have_one_order(self, documents, values):
        documents.put({f"things/{n}": {"value": value} for n, value in enumerate(values)})

        def found(**order):
            rows = documents.find("things", {}, order=Order("value", **order))
            return [document.data["value"] for _, document in rows]

        assert found() == values
        assert found(down=True) == values[::-1]
        for n, value in list(enumerate(values))[1:]:
            assert found(after=(value, f"things/{n}")) == values[n + 1 :]
            assert found(after=(value, f"things/{n}"), down=True) == values[:n][::-1]

    def test_count_counts_those_that_match(self, documents):
        documents.put({f"things/{n}": {"shop": "x", "open": n > 1} for n in range(5)})

        assert documents.count("things", {}) == 5
        assert documents.count("things", {"shop": "x", "open": True}) == 3
        assert documents.count("things", {"shop": "y"}) == 0

    def test_put_writes_over_and_delete_removes(self, documents):
        documents.put({"things/1": {"n": 1}})
        documents.put({"things/1": {"n": 2}, "things/2": {"n": 3}})
        documents.delete(["things/2", "things/never"])
        documents.forget()

        assert documents.read("things/1").data == {"n": 2}
        assert documents.read("things/2") is None

    def test_a_watch_begins_with_what_is_there(self, documents):
        documents.put({"things/1": {"n": 1}})

        watch = documents.watch("things/1")

        assert _next(watch) == {"n": 1}
        watch.close()

    def test_a_watch_sees_every_version_in_order(self, documents):
        documents.put({"things/1": {"n": 0}})
        watch = documents.watch("things/1")
        seen = [_next(watch)]

        for n in range(1, 6):
            documents.put({"things/1": {"n": n}, "things/2": {"n": -n}})
        seen += [_next(watch) for _ in range(5)]

        assert seen == [{"n": n} for n in range(6)]
        watch.close()

    def test_a_quiet_watch_gives_none_so_that_a_reader_can_leave(self, documents):
        watch = documents.watch("things/none")

        assert next(watch) is None
        watch.close()


def _next(watch):
    """The next version, waited for at most about ten seconds."""
    return next(document.data for document in islice(watch, 100) if document is not None)


class DocumentsMachine(RuleBasedStateMachine):
    """Any sequence of writes leaves what a dictionary with versions would hold."""

    versions = Bundle("versions")

    def __init__(self):
        super().__init__()
        self.documents = self.made()
        self.model = {}

    def made(self):
        raise NotImplementedError

    @rule(target=versions, path=st.sampled_from("abc"), n=INT64)
    def create(self, path, n):
        version = self.documents.swap(f"t/{path}", {"n": n}, since=None)
        if path in self.model:
            assert version is None
            return multiple()
        self.model[path] = ({"n": n}, version)
        return (path, version)

    @rule(target=versions, known=versions, n=INT64)
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

    @rule(path=st.sampled_from("abc"), n=INT64)
    def put(self, path, n):
        self.documents.put({f"t/{path}": {"n": n}})
        self.model[path] = ({"n": n}, self.documents.read(f"t/{path}").version)

    @rule(n=st.integers(0, 2))
    def find(self, n):
        found = [path for path, _ in self.documents.find("t", {"n": n})]
        assert found == sorted(
            f"t/{path}" for path, (data, _) in self.model.items() if data["n"] == n
        )
        assert self.documents.count("t", {"n": n}) == len(found)

    @rule(down=st.booleans(), most=st.integers(1, 3))
    def pages(self, down, most):
        seen, after = [], None
        while rows := self.documents.find("t", {}, order=Order("n", down, after), most=most):
            seen += [path for path, _ in rows]
            after = (rows[-1][1].data["n"], rows[-1][0])
        every = sorted(((data["n"], f"t/{path}") for path, (data, _) in self.model.items()))
        assert seen == [path for _, path in (every[::-1] if down else every)]
