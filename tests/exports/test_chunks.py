import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.chunks import read_chunks
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.tolerant_csv import decode_lines, parse_records

CELL = st.text(alphabet='ab ,;"\n\té', max_size=6)
ROWS = st.lists(
    st.tuples(CELL.filter(str.strip), CELL, CELL.filter(str.strip)), min_size=1, max_size=12
)


def layout(width=3, together=None, delimiter=",", **fields):
    fields = fields or {"a": 0, "b": 1, "c": 2}
    return Layout("f.csv", delimiter, width, fields, together, header_lines=1)


def pieces(data, size):
    return (data[i : i + size] for i in range(0, len(data), size))


def read(text, size, **kinds):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_chunks(pieces(data, size), layout(**kinds)))


def rows_of(found):
    return [row for chunk in found for row in chunk.frame.select("a", "b", "c").rows()]


def written(rows, end="\n", delimiter=","):
    out = io.StringIO()
    csv.writer(out, lineterminator=end, delimiter=delimiter).writerows([("a", "b", "c"), *rows])
    return out.getvalue()


@given(rows=ROWS, size=st.integers(1, 60), end=st.sampled_from(["\n", "\r\n"]))
def test_blocks_hold_the_rows_that_were_written_wherever_they_are_cut(rows, size, end):
    found = read(written(rows, end), size)

    plain = [tuple(cell.replace("\r\n", "\n") for cell in row) for row in rows]
    got = [tuple(cell.replace("\r\n", "\n") for cell in row) for row in rows_of(found)]
    assert got == plain
    assert sum(chunk.rows for chunk in found) == len(rows)


@given(rows=ROWS, size=st.integers(1, 60))
def test_rows_are_numbered_from_one_without_a_gap(rows, size):
    found = read(written(rows), size)

    assert [n for chunk in found for n in chunk.frame["row"]] == list(range(1, len(rows) + 1))


@given(
    runs=st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 5)), max_size=6),
    size=st.integers(20, 60),
)
def test_a_run_of_one_order_is_cut_only_where_a_block_holds_nothing_else(runs, size):
    ids = [name + str(i) for i, (name, count) in enumerate(runs) for _ in range(count)]

    found = read(written([(one, "p", "1") for one in ids]), size, together="a")

    assert [row[0] for row in rows_of(found)] == ids
    for before, after in itertools.pairwise(found):
        if before.frame["a"][-1] == after.frame["a"][0]:
            assert before.frame["a"].n_unique() == 1


@given(rows=ROWS, size=st.integers(1, 60), data=st.data())
def test_a_row_is_given_back_as_it_stands_with_its_number_and_line(rows, size, data):
    rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    text = written([row if any(row) else ("x", *row[1:]) for row in rows])
    found = read(text, size)
    wanted = data.draw(st.integers(1, len(rows)))

    raw = [one for chunk in found for one in chunk.raw([wanted])]

    reader = csv.reader(io.StringIO(text, newline=""))
    lines = [1]
    parsed = []
    for cells in reader:
        parsed.append(cells)
        lines.append(reader.line_num + 1)
    assert [(one.row, one.line, one.cells) for one in raw] == [
        (wanted, lines[wanted], parsed[wanted])
    ]


def test_a_row_with_too_few_or_too_many_cells_is_broken_alone():
    found = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n7,8,9\n", 1000)[0]

    assert rows_of([found]) == [("1", "2", "3"), ("7", "8", "9")]
    assert [(raw.row, raw.line) for raw in found.broken] == [(2, 3), (3, 4)]
    assert found.frame["row"].to_list() == [1, 4]


def test_blank_cells_behind_the_last_do_no_harm_and_blank_lines_are_no_rows():
    found = read("a,b,c\n1,2,3,,\n\n\n4,5,6\n\n", 1000)

    assert rows_of(found) == [("1", "2", "3"), ("4", "5", "6")]
    assert sum(chunk.rows for chunk in found) == 2


def test_a_lost_quote_costs_its_row_and_not_the_rest():
    found = read('a,b,c\n1,"2,3\n4,5,6\n7,8,9\n', 1000)

    assert rows_of(found) == [("4", "5", "6"), ("7", "8", "9")]
    assert [raw.row for chunk in found for raw in chunk.broken] == [1]


def test_a_lost_quote_in_the_last_cell_does_not_swallow_the_rest():
    found = read('a,b,c\n1,2,"3\n4,5,6\n', 1000)

    assert rows_of(found) == [("4", "5", "6")]
    assert [raw.row for chunk in found for raw in chunk.broken] == [1]


def test_inches_inside_a_cell_are_text():
    found = read('a,b,c\n1,5" pipe,3\n4,"say ""hi""",6\n', 1000)

    assert rows_of(found) == [("1", '5" pipe', "3"), ("4", 'say "hi"', "6")]


def test_a_line_that_is_not_utf8_is_read_as_windows_1252():
    found = read("a,b,c\n1,é,3\n".encode() + b"2,caf\xe9,3\n", 1000)

    assert rows_of(found) == [("1", "é", "3"), ("2", "café", "3")]


@given(data=st.binary(max_size=300), size=st.integers(1, 80))
def test_any_bytes_give_rows_that_are_numbered_without_a_gap(data, size):
    found = list(read_chunks(pieces(b"a,b,c\n" + data, size), layout()))

    numbers = [n for chunk in found for n in chunk.frame["row"]]
    numbers += [raw.row for chunk in found for raw in chunk.broken]
    assert sorted(numbers) == list(range(1, sum(chunk.rows for chunk in found) + 1))


@given(data=st.text(alphabet='ab",\n', max_size=120), size=st.integers(1, 40))
def test_any_text_is_cut_between_orders_without_end_and_without_a_gap(data, size):
    found = list(read_chunks(pieces(b"a,b,c\n" + data.encode(), size), layout(together="a")))

    numbers = [n for chunk in found for n in chunk.frame["row"]]
    numbers += [raw.row for chunk in found for raw in chunk.broken]
    assert sorted(numbers) == list(range(1, sum(chunk.rows for chunk in found) + 1))
    assert b"".join(bytes(chunk.text) for chunk in found).count(b"a") == data.count("a")


@given(data=st.text(alphabet='a",\n', max_size=60))
def test_every_line_of_any_text_is_in_one_record_or_blank(data):
    lines = decode_lines(data.encode())

    found = list(parse_records(lines, delimiter=",", width=2))

    covered = [i for record in found for i in range(record.start, record.end)]
    assert len(covered) == len(set(covered))
    assert all(not lines[i].strip() for i in set(range(len(lines))) - set(covered))


def test_a_row_longer_than_any_can_be_is_refused():
    endless = (b"a" * (4 << 20) for _ in range(6))

    with pytest.raises(BadExport, match="longer than any row"):
        list(read_chunks((piece for piece in (b"a,b,c\n", *endless)), layout()))
