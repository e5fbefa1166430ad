from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline_lib.adapters.local.database import Database
from pipeline_lib.errors import StoreUnavailable


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "state.sqlite")
    with database.write() as connection:
        connection.execute("CREATE TABLE things (n INTEGER)")
    yield database
    database.close()


def written(database, n, then="SELECT 1"):
    with database.write() as connection:
        connection.execute("INSERT INTO things VALUES (?)", (n,))
        connection.execute(then)


def test_a_read_does_not_wait_for_a_write_and_sees_it_when_it_is_done(database):
    with ThreadPoolExecutor(1) as other:
        with database.write() as connection:
            connection.execute("INSERT INTO things VALUES (1)")
            during = other.submit(database.rows, "SELECT n FROM things").result(timeout=30)
        after = other.submit(database.rows, "SELECT n FROM things").result(timeout=30)

    assert (during, after) == ([], [(1,)])


def test_a_write_that_fails_leaves_nothing_and_the_next_goes_on(database):
    with pytest.raises(StoreUnavailable):
        written(database, 1, then="SELECT n FROM nothing")
    written(database, 2)

    assert database.rows("SELECT n FROM things") == [(2,)]


def test_a_file_that_was_given_back_is_opened_again(database):
    written(database, 1)
    database.close()

    written(database, 2)

    assert database.rows("SELECT n FROM things ORDER BY n") == [(1,), (2,)]
