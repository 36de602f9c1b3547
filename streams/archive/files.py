"""What an archived file is called, what it says of itself, and which files make up the whole.

    log/<topic id>/<partition>.<first>-<end>.parquet           ticks, and purchases of no stream
    streams/<stream>/<topic id>.<partition>.<first>-<end>.parquet   the stream's events of a range

Offsets [first, end) of one partition are written together, the file under `log` last: it says that
the range is whole. Where ranges end is a matter of the log alone, so that whoever writes a range,
and however often, writes the same files. A finished stream's files are compacted into one that
spans them all; whoever reads takes the widest file first.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from resonance.streams.archive.schema import ARCHIVE_SCHEMA
from resonance.streams.fold.order import Ticks

LOG: Final = "log"
STREAMS: Final = "streams"
METADATA_KEY: Final = b"resonance"
NAME_CHARACTERS: Final = 120  # File systems take 255 bytes.
_NAME: Final = re.compile(
    r"(?:(?P<topic>[^./]+)\.)?(?P<partition>\d+)\.(?P<first>\d+)-(?P<end>\d+)"
)


class Span(NamedTuple):
    """A range of offsets [first, end) of a partition of one `events` topic."""

    topic_id: str
    partition: int
    first: int
    end: int


class StreamFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream's file says of itself, in its metadata."""

    schema: int = ARCHIVE_SCHEMA
    stream: str
    channel: str
    platform: str
    records: int
    comments: int
    purchases: int
    first_event_ms: int
    last_event_ms: int
    markets: dict[str, int]  # Comments of viewers by market, as scoring set it.
    started: bool = False
    ended: bool = False


class LogFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file under `log` says of its range."""

    schema: int = ARCHIVE_SCHEMA
    archived: int  # Records of the range that were written, here or to a stream.
    repeated: int  # Records that the scoring hop wrote a second time: left out.
    unreadable: int  # Records that are no event: left out; engagement sets them aside.
    fences: dict[str, int]  # "topic id:partition" -> highest source offset seen, at the end.
    ticks_before: Ticks  # What ticks had said where the range begins, and where it ends.
    ticks_after: Ticks


def safe_name(text: str) -> str:
    """Return a name for any text that is no path and fits any file system.

    >>> safe_name("live/1.a")
    'live%2F1%2Ea'
    """
    quoted = quote(text, safe="", errors="surrogatepass").replace(".", "%2E")
    if len(quoted) <= NAME_CHARACTERS:
        return quoted
    digest = blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=8).hexdigest()
    return f"{quoted[:NAME_CHARACTERS]}~{digest}"


def stream_folder(stream: str) -> str:
    """Return where a stream's files lie."""
    return f"{STREAMS}/{safe_name(stream)}"


def stream_path(stream: str, span: Span) -> str:
    """Return the path of a stream's part of a range."""
    return f"{stream_folder(stream)}/{safe_name(span.topic_id)}.{_range(span)}.parquet"


def log_folder(topic_id: str) -> str:
    """Return where the ranges of one `events` topic lie."""
    return f"{LOG}/{safe_name(topic_id)}"


def log_path(span: Span) -> str:
    """Return the path of the file that says that a range is whole."""
    return f"{log_folder(span.topic_id)}/{_range(span)}.parquet"


def span_of(path: str) -> Span | None:
    """Return the range that a path names; None if it is no file of ours.

    >>> span_of("log/abc/2.00000000000000000000-00000000000000000009.parquet")
    Span(topic_id='abc', partition=2, first=0, end=9)

    Brokers without topic ids have the topic's name for one, in which dots are quoted.
    """
    folder, _, name = path.rpartition("/")
    found = _NAME.fullmatch(name.removesuffix(".parquet")) if name.endswith(".parquet") else None
    if found is None:
        return None
    topic = found["topic"] or folder.rpartition("/")[2]
    span = Span(unquote(topic), int(found["partition"]), int(found["first"]), int(found["end"]))
    return span if span.first < span.end else None


def _range(span: Span) -> str:
    return f"{span.partition}.{span.first:020}-{span.end:020}"


def whole(spans: Iterable[Span]) -> list[Span]:
    """Return the ranges that make up the whole, none twice: of those that overlap, the widest.

    By topic, partition and offset. A range that a wider one holds is left out.
    """
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.topic_id, s.partition, s.first, -s.end)):
        last = chosen[-1] if chosen else None
        if last is None or span[:2] != last[:2] or span.first >= last.end:
            chosen.append(span)
    return chosen


def resume_at(spans: Iterable[Span], log_first: int) -> int:
    """Return where one partition's archive goes on: after the highest contiguous offset.

    `log_first` is the first offset that the log still holds: what was lost before it stays lost.

    >>> resume_at([Span("t", 0, 0, 5), Span("t", 0, 5, 9), Span("t", 0, 12, 20)], 0)
    9
    """
    position = log_first
    for span in sorted(spans, key=lambda s: (s.first, s.end)):
        if span.first <= position:
            position = max(position, span.end)
    return position


def gaps(spans: Iterable[Span], wanted: Span) -> int:
    """Return how many offsets of a range no file of `log` speaks of."""
    missing, position = 0, wanted.first
    for span in sorted(s for s in spans if s[:2] == wanted[:2]):
        if span.end <= position or span.first >= wanted.end:
            continue
        missing += max(0, span.first - position)
        position = max(position, span.end)
    return missing + max(0, wanted.end - position)
