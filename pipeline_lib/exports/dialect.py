"""How a file's bytes are written (zip, encoding, line ends); nothing about its columns."""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Protocol

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.json_lines import json_shape

PIECE = 8 << 20  # bytes read at a time; fixed, so that equal bytes give equal batches
HEAD = 1 << 20  # bytes that decide encoding, columns and forms
GZIP = b"\x1f\x8b"
NOT_CSV = {
    b"PK\x03\x04": "is an Excel workbook or a zip archive; open it and save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook; open it and save it as CSV UTF-8",
    b"%PDF": "is a PDF; export the data as CSV instead",
    b"<": "is a web page or XML; export the data as CSV instead",
    b"PAR1": "is a Parquet file; export the data as CSV instead",
    b"[": "is JSON; export the data as CSV, or as a bulk operation's JSON lines",
}
BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
JSON_HEAD = 100  # lines in which one has to tell what they hold
ODD = frozenset(range(32)) - {9, 10, 12, 13, 27}
LAST_LATIN = 0x2FF
COMMON_JAPANESE = range(0x81, 0xA0)  # first bytes of kana and of the usual kanji in cp932
MANY_ODD = 0.02  # more control characters than this: no text


class FileShape(Protocol):
    """How lines that are no rows of columns become such; ``note`` says so to a person."""

    @property
    def note(self) -> str: ...

    def rows(self, lines: Iterable[str]) -> Iterator[str]:
        """A CSV's lines with their ends, its header first."""
        ...


@dataclass(frozen=True)
class Dialect:
    """How the bytes become UTF-8 lines of a CSV.

    Attributes:
        zipped: the file is gzip.
        encoding: utf-8, utf-16-le, utf-16-be, cp932 (Japanese) or cp1252 (which reads Latin-1 too).
        mark: bytes of the byte-order mark.
        old_mac: lines end in a lone carriage return.
        shape: how its lines become rows of columns; None where they are such.
    """

    zipped: bool
    encoding: str
    mark: int
    old_mac: bool
    shape: FileShape | None = None


def _read(stream: BinaryIO) -> Iterator[bytes]:
    """Pieces of exactly PIECE bytes and a last one, however few a read of the stream gives."""
    while piece := stream.read(PIECE):
        parts, have = [piece], len(piece)
        while have < PIECE and (more := stream.read(PIECE - have)):
            parts.append(more)
            have += len(more)
        yield piece if len(parts) == 1 else b"".join(parts)


def _unzipped(pieces: Iterable[bytes], file: str) -> Iterator[bytes]:
    """The bytes inside a gzip file of one or more members, never more than PIECE at a time."""
    inflate = zlib.decompressobj(31)
    started = True
    try:
        for piece in pieces:
            rest = piece
            while rest:
                out = inflate.decompress(rest, PIECE)
                rest = inflate.unconsumed_tail
                if inflate.eof:
                    rest = inflate.unused_data.lstrip(b"\0")
                    started = bool(rest)
                    inflate = zlib.decompressobj(31)
                else:
                    started = True
                if out:
                    yield out
    except zlib.error as error:
        raise BadExport(file, "is damaged: it does not unzip; send it again") from error
    if started:
        raise BadExport(file, "is cut short: the zipped data ends too early; send it again")


def decompress(stream: BinaryIO, file: str) -> tuple[bool, Iterator[bytes]]:
    """Whether the file is gzip, and its bytes unzipped, in pieces of at most PIECE bytes."""
    pieces = _read(stream)
    first = next(pieces, b"")
    pieces = chain([first] if first else [], pieces)
    if not first.startswith(GZIP):
        return False, pieces
    return True, _unzipped(pieces, file)


def _encoding(head: bytes) -> tuple[str, int]:
    """The encoding, and the bytes of its byte-order mark."""
    for bom, encoding in BOMS.items():
        if head.startswith(bom):
            return encoding, len(bom)
    zeros = head[:4096].count(0)
    if zeros * 3 > len(head[:4096]):
        return ("utf-16-le" if head[1:2] == b"\0" else "utf-16-be"), 0
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ("cp932" if _is_japanese(head) else "cp1252"), 0
    return "utf-8", 0


def _is_japanese(head: bytes) -> bool:
    """Whether the bytes are cp932: its kana and common signs begin where cp1252 has hardly any."""
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(head)
    except UnicodeDecodeError:
        return False
    wide = [sign for sign in text if ord(sign) > LAST_LATIN]
    common = sum(sign.encode("cp932", "replace")[0] in COMMON_JAPANESE for sign in wide)
    return common * 2 >= len(wide) > 0


def sniff_dialect(head: bytes, *, zipped: bool, file: str) -> tuple[Dialect, str]:
    """How the file is written, and its head as text; an old Mac's line ends become feeds.

    Args:
        head: the first HEAD bytes, unzipped.
        zipped: whether they were gzip.
        file: its name, for refusals.

    Raises:
        BadExport: the file is empty, or no text.
    """
    if not head.strip(b" \t\r\n\0,;"):
        raise BadExport(file, "is empty; export it again")
    for magic, problem in NOT_CSV.items():
        if head.startswith(magic):
            raise BadExport(file, problem)
    encoding, mark = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head[mark:])
    odd = sum(ord(character) in ODD for character in text[:20_000])
    if odd > max(1, MANY_ODD * len(text[:20_000])):
        raise BadExport(file, "is not a text file; export the data as CSV")
    shape = _json_shape(text, file) if text.startswith("{") else None
    old_mac = "\r" in text and "\n" not in text
    lines = text.replace("\r", "\n") if old_mac else text
    return Dialect(zipped, encoding, mark, old_mac, shape), lines


def _json_shape(text: str, file: str) -> FileShape:
    """What a file of JSON lines holds.

    Raises:
        BadExport: it is JSON of another kind.
    """
    shape = json_shape(text.split("\n")[:JSON_HEAD])
    if shape is None:
        raise BadExport(file, NOT_CSV[b"["])
    return shape


def recode(pieces: Iterator[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Unzipped pieces as UTF-8 without byte-order mark, every line ended by a line feed."""
    rest = _without_mark(pieces, dialect.mark)
    plain = rest if dialect.encoding == "utf-8" else _recoded(rest, dialect.encoding)
    if dialect.old_mac:
        plain = (piece.replace(b"\r", b"\n") for piece in plain)
    return plain if dialect.shape is None else _packed(dialect.shape.rows(_lines(plain)))


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Physical lines with their ends."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") + "\n" for line in whole)
    if rest:
        yield rest.decode("utf-8", "replace") + "\n"


def _packed(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines in pieces of about PIECE characters."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


def _without_mark(pieces: Iterator[bytes], mark: int) -> Iterator[bytes]:
    yield next(pieces, b"")[mark:]
    yield from pieces


def _recoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
