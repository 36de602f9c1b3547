"""Lines of JSON, for `resonance score --jsonl`: any bytes give a comment or a reason."""

from collections.abc import Iterator
from io import BufferedIOBase
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from resonance.streams.codec import (
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    Rejection,
    explain_unreadable,
    json_depth,
)
from resonance.streams.events import Text
from resonance.streams.reasons import Reason

READ_BYTES: Final = 64 * 1024  # About a thousand comments: enough for a batch, little to hold.
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"  # Some editors begin a file with it.

# Events check these codes apart, for speed; here a line may be wrong and must say where.
Market = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
LanguageTag = Annotated[str, Meta(pattern="^[a-z]{2,3}$", description="BCP 47 primary tag")]


class LineComment(msgspec.Struct, frozen=True):
    """One comment to score. Empty: what the stream's own say applies."""

    text: Text
    languages: tuple[LanguageTag, ...] = ()
    markets: tuple[Market, ...] = ()


_decoder: Final = msgspec.json.Decoder(LineComment | Text)


def read_lines(file: BufferedIOBase) -> Iterator[list[bytes]]:
    """Yield the lines as they come, those of one read together, each without its end.

    A file gives many at once; a pipe gives what its writer has written, and is not waited for. Of
    a line too long, one byte more than the limit is kept.
    """
    begun = b""
    while block := file.read1(READ_BYTES):
        *lines, rest = block.split(b"\n")
        if lines:
            lines[0] = begun + lines[0]
            yield [line[: MAX_EVENT_BYTES + 1].rstrip(b"\r") for line in lines]
            begun = b""
        begun = (begun + rest)[: MAX_EVENT_BYTES + 1]
    if begun:
        yield [begun.rstrip(b"\r")]


def decode_line(line: bytes) -> LineComment | Rejection:
    """Return the comment of one line, or why there is none. Raises nothing."""
    line = line.removeprefix(BYTE_ORDER_MARK)
    if not line.strip():
        return Rejection(Reason.EMPTY)
    if len(line) > MAX_EVENT_BYTES:
        return Rejection(Reason.TOO_LARGE, f"more than {MAX_EVENT_BYTES} bytes")
    if json_depth(line) > MAX_DEPTH:
        return Rejection(Reason.TOO_DEEP, f"more than {MAX_DEPTH} levels")
    try:
        found = _decoder.decode(line)
    except msgspec.ValidationError as error:
        return _explain(line, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return explain_unreadable(line)
    return LineComment(found) if isinstance(found, str) else found


def _explain(line: bytes, message: str) -> Rejection:
    try:
        loose = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return explain_unreadable(line)  # The fault came before the end of the text.
    if not isinstance(loose, (dict, str)):
        return Rejection(Reason.NOT_AN_OBJECT)
    if isinstance(loose, dict) and "text" not in loose:
        return Rejection(Reason.MISSING_FIELD, "`text` is missing")
    fault, _, place = message.partition(" - at ")
    field = place.strip("`").removeprefix("$.") or "$"
    return Rejection(Reason.INVALID_FIELD, f"`{field}`: {fault}")
