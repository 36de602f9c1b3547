"""Every format there is, and which one an input has, by its content and not by its name."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from resonance.streams.importers import (
    bilibili,
    chat_downloader,
    cloudevents,
    csv_columns,
    douyin,
    jsonl,
    shopify,
    tiktok,
    tiktok_shop,
    twitch,
    ytdlp,
)
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Outcome
from resonance.streams.importers.pieces import BYTE_ORDER_MARK

HEAD_BYTES: Final = 256 * 1024  # One row of chat-downloader's may take tens of KiB.
GZIP_MAGIC: Final = b"\x1f\x8b"

# Asked in this order: ours says `kind`; each tool has fields that no other has; a table is
# whatever has a heading, so it comes last.
FORMATS: Final[tuple[Format, ...]] = (
    jsonl.FORMAT,
    ytdlp.FORMAT,
    chat_downloader.FORMAT,
    twitch.FORMAT,
    douyin.FORMAT,
    tiktok.FORMAT,
    bilibili.FORMAT,
    cloudevents.FORMAT,  # Before what it may be an envelope of.
    shopify.FORMAT,
    tiktok_shop.FORMAT,
    csv_columns.FORMAT,
)
NAMES: Final = tuple(known.name for known in FORMATS)


def detect(head: bytes) -> str | None:
    """Return the name of the format that an input begins like, or None."""
    return next((known.name for known in FORMATS if known.recognises(head)), None)


def by_name(name: str) -> Format:
    """Return the format called `name`. Raises `BrokenFileError` when there is none."""
    for known in FORMATS:
        if known.name == name:
            return known
    fault = f"no format is called {name!r}"
    raise BrokenFileError(fault, f"Use one of: {', '.join(NAMES)}")


def format_of(head: bytes) -> Format:
    """Return the format of an input by its head. Raises `BrokenFileError` if it has none."""
    if name := detect(head):
        return by_name(name)
    raise _unknown(head)


def _unknown(head: bytes) -> BrokenFileError:
    """Return what is wrong with an input that no format recognises."""
    if not head.strip():
        return BrokenFileError("there is nothing in it", "Check that the export was finished")
    if head.startswith(GZIP_MAGIC):
        return BrokenFileError("it is compressed", "Unpack it first: `gunzip FILE`")
    if (line := _first_line_not_utf8(head)) is not None:
        return BrokenFileError("it is not UTF-8 text", "Save it as UTF-8", line)
    known = "; ".join(f"{known.name} ({known.about})" for known in FORMATS)
    return BrokenFileError(f"it is none of the known formats: {known}", "Give --format if it is", 1)


def read_events(known: Format, pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield the outcome of each row of an input in the given format."""
    source = iter(pieces)
    first = next(source, b"").removeprefix(BYTE_ORDER_MARK)
    yield from known.read(chain((first,), source), options)


def _first_line_not_utf8(head: bytes) -> int | None:
    """Return the number of the first line that is not UTF-8; the last one may just be cut."""
    lines = head.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = number == len(lines) and error.end >= len(line) - 3 and len(head) == HEAD_BYTES
            if not cut:
                return number
    return None
