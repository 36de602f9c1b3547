"""Bytes to lines and JSON values, as they arrive: nothing waits for the end of the input.

Input comes as pieces: lines with their line feed, where one longer than `PIECE_BYTES` comes in
several. So a live pipe, a file of one 500 MB line and a table are all read in bounded memory.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO, Final

import msgspec

from resonance.streams.importers.outcomes import BrokenFileError

PIECE_BYTES: Final = 64 * 1024
ROW_BYTES: Final = 1024 * 1024  # Chat tools repeat every badge and emote in each row.
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Item = tuple[int, bytes | None]  # First line, from 1; None for what is over `ROW_BYTES`.

_OUTSIDE_STRING: Final = re.compile(rb'["{}\[\],]')
_INSIDE_STRING: Final = re.compile(rb'["\\]')


def pieces_of(source: BinaryIO) -> Iterator[bytes]:
    """Yield the source's lines, each in pieces of at most `PIECE_BYTES`."""
    while piece := source.readline(PIECE_BYTES):
        yield piece


def lines_of(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield each line's number and its bytes without the line end."""
    number, held, held_bytes = 1, bytearray(), 0
    for piece in pieces:
        held_bytes += len(piece)
        if held_bytes <= ROW_BYTES:
            held += piece
        if piece.endswith(b"\n"):
            yield number, None if held_bytes > ROW_BYTES else bytes(held.rstrip(b"\r\n"))
            number, held, held_bytes = number + 1, bytearray(), 0
    if held_bytes:
        yield number, None if held_bytes > ROW_BYTES else bytes(held)


def json_items(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield the elements of a JSON array, or the lines of JSON Lines, by how the input begins.

    Blank lines are left out. Raises `BrokenFileError` when an array ends before its bracket.
    """
    source = iter(pieces)
    blank: list[bytes] = []
    for piece in source:
        text = piece.strip()
        if not text:
            blank.append(piece)
            continue
        whole = chain(blank, (piece,), source)
        if text.startswith(b"["):
            yield from _array_items(whole)
        else:
            yield from ((n, line) for n, line in lines_of(whole) if line is None or line.strip())
        return


def sample_objects(head: bytes, limit: int = 20) -> list[dict[str, Any]]:
    """Return the first JSON objects in the head of an input, which may be cut anywhere."""
    objects = []
    items = json_items(head.removeprefix(BYTE_ORDER_MARK).splitlines(keepends=True))
    try:
        for _, (_, item) in zip(range(limit), items, strict=False):
            try:
                value = msgspec.json.decode(item or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            if isinstance(value, dict):
                objects.append(value)
    except BrokenFileError:
        pass  # The head was cut within an element.
    return objects


def _array_items(pieces: Iterable[bytes]) -> Iterator[Item]:
    scanner = ArrayScanner()
    for piece in pieces:
        yield from scanner.feed(piece)
    scanner.finish()


class ArrayScanner:
    """Cuts an array into its elements by their brackets; whether they are JSON is not asked."""

    def __init__(self, *, line: int = 1, enclosed: bool = False) -> None:
        """`line`: where it begins; `enclosed`: whether something may follow its bracket."""
        self._line = line
        self._enclosed = enclosed
        self._depth = 0  # 1 between the elements.
        self._in_string = False
        self._escaped = False  # The piece before ended in a backslash.
        self._closed = False
        self._element = bytearray()
        self._element_bytes = 0
        self._element_line = 1

    @property
    def closed(self) -> bool:
        """Whether the array's closing bracket was seen."""
        return self._closed

    def feed(self, piece: bytes) -> Iterator[Item]:
        """Yield the elements that end in this piece."""
        kept = 0  # Bytes before it have been put into the element.
        for start, token in self._tokens(piece):
            end = start + 1
            if token in b"{[":
                self._depth += 1
                kept = end if self._depth == 1 else kept
            elif token in b"}]":
                self._depth -= 1
            elif self._depth != 1:
                continue
            if self._depth < 1 or (self._depth == 1 and token in b",}]"):
                # An object ends with its own bracket: the next may be long in coming.
                ends_with_it = self._depth == 1 and token != b","
                self._keep(piece[kept : end if ends_with_it else start])
                kept = end
                if item := self._take():
                    yield item
            self._closed = self._depth < 1
        if self._closed and not self._enclosed:
            self._refuse_rest(piece[kept:])
        elif self._depth:
            self._keep(piece[kept:])
        self._line += piece.endswith(b"\n")

    def finish(self) -> None:
        """Raise `BrokenFileError` unless the array was closed."""
        if not self._closed:
            fault = "the JSON array ends before its closing bracket"
            remedy = "The file was cut short: fetch it again, or end it by hand with `]`"
            raise BrokenFileError(fault, remedy, self._line)

    def _tokens(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the place of each bracket and comma outside strings."""
        at = 1 if self._escaped else 0
        self._escaped = False
        while not self._closed:
            pattern = _INSIDE_STRING if self._in_string else _OUTSIDE_STRING
            found = pattern.search(piece, at)
            if found is None:
                return
            at = found.end()
            if found[0] == b"\\":
                self._escaped = at == len(piece)
                at += 1
            elif found[0] == b'"':
                self._in_string = not self._in_string
            else:
                yield found.start(), found[0]

    def _keep(self, part: bytes) -> None:
        if not self._element_bytes:
            part = part.lstrip()
            self._element_line = self._line
        self._element_bytes += len(part)
        if self._element_bytes <= ROW_BYTES:
            self._element += part

    def _take(self) -> Item | None:
        size_bytes, element = self._element_bytes, bytes(self._element).rstrip()
        self._element.clear()
        self._element_bytes = 0
        if not size_bytes:
            return None  # An empty array, or a comma too many.
        return self._element_line, None if size_bytes > ROW_BYTES else element

    def _refuse_rest(self, rest: bytes) -> None:
        if rest.strip():
            fault = "there is text after the end of the JSON array"
            raise BrokenFileError(fault, "Keep one array to a file", self._line)
