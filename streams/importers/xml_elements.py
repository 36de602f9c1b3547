"""The elements of an XML file that may be huge, still growing, cut short, or hostile.

Expat reads it, told to refuse what a chat never needs: a document type, and with it entities that
grow without end. A fault costs the elements around it: reading goes on at the next one known.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NoReturn
from xml.parsers import expat

import msgspec

from resonance.streams.importers.outcomes import BrokenFileError
from resonance.streams.importers.pieces import ROW_BYTES

DEPTH_LIMIT: Final = 16
# Not allowed in XML 1.0, yet viewers paste them and recorders write them.
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\r")


class Element(msgspec.Struct):
    """One element that was asked for: its tag, attributes and the text in it."""

    line: int
    tag: str
    attributes: dict[str, str]
    text: str = ""


class Fault(msgspec.Struct, frozen=True):
    """Something that is no XML; the line it is in."""

    line: int


def elements(pieces: Iterable[bytes], tags: frozenset[str]) -> Iterator[Element | Fault]:
    """Yield each element with one of the tags when it is complete, in order.

    Raises `BrokenFileError` for a document type, absurd nesting, or a tag without an end.
    """
    reader = _Reader(tags)
    for piece in pieces:
        yield from reader.feed(piece.translate(None, _CONTROLS))
    yield from reader.finish()


class _Reader:
    def __init__(self, tags: frozenset[str]) -> None:
        self._tags = tags
        self._next_element = re.compile(
            b"<(?:%s)(?=[\\s/>])" % b"|".join(tag.encode() for tag in sorted(tags))
        )
        self._tag_bytes = max(map(len, tags)) + 1
        self._carried = b""
        self._fed = 0  # Bytes, by this parser.
        self._line = 1  # Of the piece that is being read.
        self._lost = False  # After a fault, until a known element begins.
        self._open: Element | None = None
        self._text_characters = 0
        self._depth = 0
        self._found: list[Element | Fault] = []
        self._parser = self._new_parser()

    def feed(self, piece: bytes) -> Iterator[Element | Fault]:
        """Yield what ends in this piece."""
        if piece.lstrip().startswith(b"<?xml") and self._fed:
            self._parser = self._new_parser()  # The recorder began a new file.
            self._lost = False
        # Nothing may stand before the XML declaration.
        rest, self._carried = self._carried + (piece if self._fed else piece.lstrip()), b""
        while rest:
            if self._lost:
                begin = self._next_element.search(rest)
                if begin is None:
                    self._carried = rest[-self._tag_bytes :]  # A tag may be cut in two.
                    break
                rest = rest[begin.start() :]
                self._resume()
            rest = self._parse(rest)
        self._line += piece.endswith(b"\n")
        yield from self._taken()

    def finish(self) -> Iterator[Element | Fault]:
        """Yield the fault of an element that was begun and never ended.

        A file without the last closing tag is no fault: a recorder that is killed leaves one.
        """
        if self._open is not None:
            yield Fault(self._open.line)

    def _parse(self, data: bytes) -> bytes:
        """Read the data; return what is left of it after a fault."""
        fed_before, self._fed = self._fed, self._fed + len(data)
        try:
            self._parser.Parse(data, False)  # noqa: FBT003 - the signature is expat's.
        except expat.ExpatError:
            self._found.append(Fault(self._line))
            self._lost, self._open = True, None
            # At least a byte further, or the same element would be tried for ever.
            return data[max(1, self._parser.ErrorByteIndex - fed_before) :]
        if self._fed - max(0, self._parser.CurrentByteIndex) > ROW_BYTES:
            self._refuse("a tag has no end")
        return b""

    def _taken(self) -> list[Element | Fault]:
        found, self._found = self._found, []
        return found

    def _resume(self) -> None:
        self._parser, self._lost = self._new_parser(), False
        root = b"<i>"
        self._fed += len(root)
        self._parser.Parse(root, False)  # noqa: FBT003 - as above.

    def _new_parser(self) -> expat.XMLParserType:
        # Always UTF-8: what else a file claims to be, its bytes were checked to be that.
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._depth = self._fed = 0
        self._open = None
        return parser

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            self._refuse(f"more than {DEPTH_LIMIT} tags lie within each other")
        if tag in self._tags:
            self._open = Element(self._line, tag, attributes)
            self._text_characters = 0

    def _characters(self, text: str) -> None:
        if self._open is not None:
            self._text_characters += len(text)
            if self._text_characters <= ROW_BYTES:
                self._open.text += text

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._open is not None and self._open.tag == tag:
            self._found.append(self._open)
            self._open = None

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse("it declares a document type, which no chat needs")

    def _refuse(self, fault: str) -> NoReturn:
        remedy = "Fetch the file again from where it was recorded"
        raise BrokenFileError(fault, remedy, self._line)
