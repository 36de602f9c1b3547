"""Our own events, as JSON Lines or as one array; what a line leaves out is filled in."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from resonance.streams.codec import Rejection, decode_raw
from resonance.streams.events import Purchase, RawEvent
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Skipped
from resonance.streams.importers.pieces import json_items, sample_objects
from resonance.streams.importers.rows import Kind, Rows, unusable
from resonance.streams.reasons import Reason

KINDS: Final[dict[str, Kind]] = {"comment": "comment", "purchase": "purchase", "stage": "stage"}


def recognises(head: bytes) -> bool:
    """Return whether any of the first objects is an event of ours."""
    return any(found.get("kind") in KINDS for found in sample_objects(head))


def read(pieces: Iterable[bytes], options: Options) -> Iterator[RawEvent | Skipped]:
    """Yield each event, or why its line is none."""
    rows = Rows(options, platform="file")
    for line, item in json_items(pieces):
        if item is None:
            yield rows.skip(unusable(line))
            continue
        event = decode_raw(item, options.max_event_bytes)
        if not isinstance(event, Rejection):
            rows.count()
            yield _redirected(event, options)
        elif event.reason is Reason.MISSING_FIELD:
            yield _completed(rows, line, item)
        else:
            yield rows.skip(Skipped(event.reason, line, event.at))


def _completed(rows: Rows, line: int, item: bytes) -> RawEvent | Skipped:
    """Return the event of a line written by hand, which need not repeat the envelope."""
    fields = msgspec.json.decode(item)
    return rows.event(KINDS[fields.pop("kind")], fields, line=line, raw=item)


def _redirected(event: RawEvent, options: Options) -> RawEvent:
    """Return the event with what was given explicitly in place of its own."""
    given: dict[str, str | tuple[str, ...] | None] = {
        "stream": options.stream,
        "channel": options.channel,
        "platform": options.platform,
    }
    if not isinstance(event, Purchase):
        given |= {"stream_markets": options.markets, "stream_languages": options.languages}
    changes = {name: value for name, value in given.items() if value}
    return replace(event, **changes) if changes else event


FORMAT: Final = Format("jsonl", "Resonance's own events, one JSON object a line", recognises, read)
