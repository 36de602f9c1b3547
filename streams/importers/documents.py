"""JSON documents as APIs and shops give them: one a line, pretty-printed, or in an array.

`pieces.json_items` cuts arrays and lines in little memory. What is neither, an object broken into
lines, is put together here.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

import msgspec

from resonance.streams.importers.outcomes import Skipped
from resonance.streams.importers.pieces import Item, json_items
from resonance.streams.reasons import Reason

DOCUMENT_BYTES: Final = 16 * 1024 * 1024  # A page of 250 orders takes some 5 MB.

# With or without its end: a quote that is never closed must not be looked for again and again.
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?')
_GOES_ON: Final = (b",", b"[", b"{", b":")


def json_documents(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield each document with its first line; None stands for one that is too long.

    Whether it is JSON is for `decoded` to say. An object at the very start of a line begins anew
    if the line before did not ask for more, so that one cut short costs only itself. Raises
    `BrokenFileError` when an array ends before its bracket, as `json_items` does.
    """
    source = iter(pieces)
    blank: list[bytes] = []
    for piece in source:
        if piece.strip():
            whole = chain(blank, (piece,), source)
            yield from json_items(whole) if piece.lstrip().startswith(b"[") else _objects(whole)
        else:
            blank.append(piece)


def decoded(line: int, item: bytes | None) -> Any:
    """Return the document's value, or the `Skipped` that says why it has none."""
    if item is None:
        return Skipped(Reason.TOO_LARGE, line, f"more than {DOCUMENT_BYTES // 2**20} MiB")
    try:
        return msgspec.json.decode(item)
    except (msgspec.DecodeError, RecursionError):
        pass
    except UnicodeDecodeError:
        return Skipped(Reason.NOT_UTF8, line)
    return Skipped(Reason.NOT_JSON, line)


def has_key(head: bytes, key: bytes) -> bool:
    """Return whether the key stands in JSON that may be cut anywhere; texts do not count."""
    return re.search(rb'(?<!\\)"' + key + rb'"\s*:', head) is not None


def _objects(pieces: Iterable[bytes]) -> Iterator[Item]:
    held = bytearray()
    first_line, line, depth, goes_on, too_long = 1, 1, 0, False, False
    for piece in _lines(pieces):
        if held and not goes_on and piece.startswith(b"{"):
            yield first_line, None if too_long else bytes(held)
            held.clear()
        if not held:
            first_line, depth, too_long = line, 0, False
        if text := piece.strip():
            bare = _STRING.sub(b"", text)
            depth += sum(map(bare.count, (b"{", b"["))) - sum(map(bare.count, (b"}", b"]")))
            goes_on = text.endswith(_GOES_ON)
            too_long = too_long or len(held) + len(piece) > DOCUMENT_BYTES
            held += b"{" if too_long else piece
        line += piece.endswith(b"\n")
        if held and depth <= 0:
            yield first_line, None if too_long else bytes(held)
            held.clear()
    if held:
        yield first_line, None if too_long else bytes(held)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines; of one longer than a document, that many bytes at a time."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if piece.endswith(b"\n") or len(held) > DOCUMENT_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
