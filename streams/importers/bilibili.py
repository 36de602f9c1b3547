"""Bilibili's comments as XML: those of a video, and those that a live recorder writes."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from resonance.streams.importers.fields import identifier
from resonance.streams.importers.format import Format
from resonance.streams.importers.kinds import ANONYMOUS, KindedRows
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Outcome, Skip, Skipped
from resonance.streams.importers.pieces import BYTE_ORDER_MARK
from resonance.streams.importers.times import to_ms
from resonance.streams.importers.xml_elements import Element, Fault, elements

_HEADER: Final = "BililiveRecorderRecordInfo"
_NO_COMMENTS: Final = frozenset({"gift", "guard", "toast", "interact", "like", "entry"})
_TAGS: Final = frozenset({"d", "sc", _HEADER, *_NO_COMMENTS})
_ROOT: Final = re.compile(rb"<i[\s>]")
_COMMENT: Final = re.compile(rb"<d\s[^>]*\bp=[\"'][^\"',]*,[^\"']*[\"']")
# The places in `p="205.2,4,25,6830715,1484219280,0,47f24a19,2839373425"`.
_OFFSET, _MODE, _TIME, _USER, _ROW = 0, 1, 4, 6, 7
_POSITIONED: Final = "7"
# The text is then a JSON array, often cut short: place, fade, seconds, and fifth the words.
_POSITIONED_WORDS: Final = re.compile(r'\[(?:[^,]{0,32},){4}\s*"((?:[^"\\]|\\.)*)')


def recognises(head: bytes) -> bool:
    """Return whether it holds comments with their places, or a live recorder's heading."""
    if not head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"<"):
        return False
    return bool(_COMMENT.search(head)) or (
        _ROOT.search(head) is not None and (b"<chatid>" in head or _HEADER.encode() in head)
    )


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield a comment for each one written or paid for.

    Raises `BrokenFileError` for what is no such file at all; see `xml_elements`.
    """
    reader = _Reader(options)
    for found in elements(pieces, _TAGS):
        if isinstance(found, Fault):
            yield reader.fault(found)
        elif (outcome := reader.outcome(found)) is not None:
            yield outcome


class _Reader:
    def __init__(self, options: Options) -> None:
        self._rows = KindedRows(options, platform="bilibili")
        self._room: str | None = None
        self._start_ms: int | None = None

    def fault(self, found: Fault) -> Skipped:
        """Return the outcome of what is no XML."""
        return self._rows.skip(Skipped(Skip.NOT_A_ROW, found.line, "no XML"))

    def outcome(self, element: Element) -> Kinded | Skipped | None:
        """Return what becomes of an element; the heading is no row."""
        if element.tag == _HEADER:
            self._room = identifier(element.attributes.get("roomid"))
            self._start_ms = to_ms(element.attributes.get("start_time"))
            return None
        if element.tag in _NO_COMMENTS:
            return self._rows.leave_out(element.tag, element.line)
        own = self._paid(element) if element.tag == "sc" else self._written(element)
        kind = "paid" if element.tag == "sc" else "text"
        if not element.text.strip():
            return self._rows.leave_out(f"{kind}_without_words", element.line)
        fields = {"channel": self._room, **own}
        raw = msgspec.json.encode([element.tag, element.attributes, element.text])
        return self._rows.become(kind, "comment", fields, line=element.line, raw=raw)

    def _written(self, element: Element) -> dict[str, Any]:
        places = element.attributes.get("p", "").split(",")
        places += [""] * (_ROW + 1 - len(places))
        # Seconds since 1970 of a video's, milliseconds of a live recorder's.
        occurred_at_ms = to_ms(places[_TIME])
        return {
            "id": identifier(places[_ROW]),
            "occurred_at_ms": occurred_at_ms or self._at_ms(places[_OFFSET]),
            "viewer_id": identifier(element.attributes.get("uid"), places[_USER]) or ANONYMOUS,
            "text": _words(element.text) if places[_MODE] == _POSITIONED else element.text,
        }

    def _paid(self, element: Element) -> dict[str, Any]:
        attributes = element.attributes
        return {
            "occurred_at_ms": self._at_ms(attributes.get("ts", "")),
            "viewer_id": identifier(attributes.get("uid")) or ANONYMOUS,
            "text": element.text,
        }

    def _at_ms(self, ts: str) -> int | None:
        """Return a time that is given in seconds since the recording's start, or since 1970."""
        if (at_ms := to_ms(ts)) is None:
            return None
        since_1970 = at_ms > 10**11  # No recording takes three years.
        if since_1970 or self._start_ms is None:
            return at_ms if since_1970 else None
        return self._start_ms + at_ms


def _words(positioned: str) -> str:
    """Return the words of a comment that was given a place and a path on the screen."""
    found = _POSITIONED_WORDS.match(positioned)
    words = found[1].replace("/n", "\n").replace('\\"', '"') if found else ""
    return words if words.strip() else positioned


FORMAT: Final = Format(
    "bilibili", "bilibili's XML, of a video or a live recorder", recognises, read
)
