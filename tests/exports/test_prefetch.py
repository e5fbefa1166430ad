import threading

import pytest

from pipeline_lib.exports.prefetch import prefetch


def test_items_come_in_their_order():
    assert list(prefetch(iter(range(50)))) == list(range(50))


def test_an_error_of_the_source_is_raised_where_it_is_read():
    def source():
        yield 1
        raise ValueError("partial_orders")

    items = prefetch(source())

    assert next(items) == 1
    with pytest.raises(ValueError, match="partial_orders"):
        next(items)


def test_no_thread_is_left_when_the_reader_stops_early():
    before = threading.active_count()
    items = prefetch(iter(range(10**9)))

    next(items)
    items.close()

    assert threading.active_count() == before
