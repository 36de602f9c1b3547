"""Whole files to bounded streams: every event in event-time order, markers included.

`resonance import` and `resonance replay` both read files through here, so that a file's numbers
are the same whether it went through Kafka or not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from resonance.streams.events import RawEvent
from resonance.streams.importers.formats import HEAD_BYTES, by_name, format_of, read_events
from resonance.streams.importers.markers import Census, CommentPartition
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import EXPECTED, BrokenFileError, Kinded, Skipped
from resonance.streams.importers.pieces import pieces_of
from resonance.streams.importers.sorting import IN_MEMORY_EVENTS, EventSorter, order_key
from resonance.streams.reasons import Reason

AUTO: Final = "auto"
KINDS_LIMIT: Final = 100  # A hostile file can invent kinds without end; the rest are `other`.
OTHER_KINDS: Final = "other"

OnBytes = Callable[[int], None]


@dataclass(slots=True)
class Summary:
    """What came of the rows; rows = converted + the sum of skipped."""

    formats: list[str] = field(default_factory=list)  # One a file.
    rows: int = 0
    converted: int = 0
    kinds: Counter[str] = field(default_factory=Counter)  # Converted, by kind of row.
    skipped: Counter[str] = field(default_factory=Counter)  # By reason.
    skipped_kinds: Counter[str] = field(default_factory=Counter)  # Those that have a kind.
    examples: dict[str, str] = field(default_factory=dict)  # Reason -> its first place and fault.

    def skip(self, name: str, skipped: Skipped) -> None:
        """Count a skipped row of the input called `name`."""
        self.rows += 1
        self.skipped[skipped.reason.value] += 1
        if skipped.kind:
            _count(self.skipped_kinds, skipped.kind)
        detail = f": {skipped.detail}" if skipped.detail else ""
        self.examples.setdefault(skipped.reason.value, f"{name}, line {skipped.line}{detail}")

    def convert(self, outcome: RawEvent | Kinded) -> RawEvent:
        """Count a row that became an event, and return the event."""
        self.rows += 1
        self.converted += 1
        if isinstance(outcome, Kinded):
            _count(self.kinds, outcome.kind)
            return outcome.event
        _count(self.kinds, str(outcome.__struct_config__.tag))
        return outcome


def _count(kinds: Counter[str], kind: str) -> None:
    kinds[kind if kind in kinds or len(kinds) < KINDS_LIMIT else OTHER_KINDS] += 1


class Imported:
    """The events of whole files. Iterate it once; leaving the `with` block frees its disk."""

    def __init__(self, summary: Summary, census: Census, sorter: EventSorter) -> None:
        self.summary = summary
        self.streams = tuple(census.streams)  # Their ids, in the order they were first met.
        self._census = census
        self._sorter = sorter
        self._markers = census.close()

    @property
    def event_count(self) -> int:
        """How many events iterating yields, markers included."""
        return self.summary.converted + len(self._markers)

    def __iter__(self) -> Iterator[RawEvent]:
        """Yield events in event-time order, each stream's between its markers."""
        yield from map(
            self._census.complete, merge(self._markers, self._sorter.in_order(), key=order_key)
        )

    def close(self) -> None:
        """Free memory and disk."""
        self._sorter.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Free memory and disk."""
        self.close()


def events_of_file(path: Path, options: Options | None = None) -> Imported:
    """Return the events of one file; see `events_of_files`."""
    return events_of_files([path], options)


def events_of_files(
    paths: Sequence[Path],
    options: Options | None = None,
    *,
    format_name: str = AUTO,
    comment_partition: CommentPartition | None = None,
    on_bytes: OnBytes | None = None,
    in_memory_events: int = IN_MEMORY_EVENTS,
) -> Imported:
    """Return the events of files that belong together, as if they were one.

    A stream or channel that neither the options nor a row names is called after the file.
    `comment_partition` tells how comments will be spread (all to one, if it is not given);
    `on_bytes` hears how many bytes were read, as they are. Rows that cannot be used are counted
    in the summary. Raises `BrokenFileError` when a file cannot be used at all: then nothing of
    any file is.
    """
    summary, census, sorter = Summary(), Census(comment_partition), EventSorter(in_memory_events)
    try:
        for path in paths:
            named = replace(options or Options(), name=path.stem[:256] or "import")
            try:
                for event in _file_events(path, named, format_name, summary, on_bytes):
                    census.take(event)
                    sorter.add(event)
            except BrokenFileError as broken:
                broken.name = broken.name or str(path)
                raise
        return Imported(summary, census, sorter)
    except BaseException:
        sorter.close()
        raise


def _file_events(
    path: Path, options: Options, format_name: str, summary: Summary, on_bytes: OnBytes | None
) -> Iterator[RawEvent]:
    usable = False
    try:
        source = path.open("rb")
    except OSError as error:
        fault = f"it cannot be read ({error.strerror})"
        raise BrokenFileError(fault, "Check the path and its permissions") from error
    with source:
        head = source.read(HEAD_BYTES)
        source.seek(0)
        known = format_of(head) if format_name == AUTO else by_name(format_name)
        summary.formats.append(known.name)
        for outcome in read_events(known, _heard(source, on_bytes), options):
            if not isinstance(outcome, Skipped):
                usable = True
                yield summary.convert(outcome)
            elif outcome.reason in known.fatal:
                raise _fatal(outcome)
            else:
                usable = usable or outcome.reason in EXPECTED
                summary.skip(str(path), outcome)
    if not usable:
        raise _nothing_usable(summary)


def _heard(source: BinaryIO, on_bytes: OnBytes | None) -> Iterator[bytes]:
    for piece in pieces_of(source):
        if on_bytes is not None:
            on_bytes(len(piece))
        yield piece


def _fatal(outcome: Skipped) -> BrokenFileError:
    if outcome.reason is Reason.NOT_UTF8:
        return BrokenFileError("it is not UTF-8 text", "Save it as UTF-8", outcome.line)
    return BrokenFileError(outcome.reason.value, outcome.detail, outcome.line)


def _nothing_usable(summary: Summary) -> BrokenFileError:
    """Return the fault of a file without one usable row, with the first row's as the hint."""
    if not summary.examples:
        return BrokenFileError("there are no rows in it", "Check that the export was finished")
    reason, example = next(iter(summary.examples.items()))
    return BrokenFileError("not one row can be used", f"The first: {reason} ({example})")
