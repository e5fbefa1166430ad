import pytest

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.adapters.local.topics import SqliteTopics
from pipeline_lib.topology import Retry
from tests.contracts.topics import DeliveringTopicsContract


class TestSqliteTopics(DeliveringTopicsContract):
    @pytest.fixture
    def time(self):
        return [1_000.0]

    @pytest.fixture
    def topics(self, tmp_path, time):
        database = Database(tmp_path / "state.sqlite")
        yield SqliteTopics(
            database,
            retry=Retry(min_backoff_s=10, max_backoff_s=60, max_attempts=3),
            dead_letters="dead_letter",
            clock=lambda: time[0],
        )
        database.close()

    @pytest.fixture
    def wait(self, time):
        def later(seconds):
            time[0] += seconds

        return later
