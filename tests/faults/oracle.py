"""What the rows must be: one sorted pass over what was sent, after docs/measures.md.

Written without the fold's code: no state that survives a batch, no watermark, no snapshot; lists,
counters and sets over events that are all there. Scores are taken as they stand in `events`.
Rows are plain dicts, as a row's JSON reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from faults.reference_rows import Row, Scored
from faults.reference_stream import Definitions, StreamPass
from faults.story import Told
from resonance.streams.events import Purchase, RawEvent


def reference_rows(
    told: Iterable[Told], scores: Mapping[str, Scored], definitions: Definitions | None = None
) -> dict[str, Row]:
    """Return every row of `windows` by key, of streams that have ended."""
    named: dict[str, list[RawEvent]] = defaultdict(list)
    homeless: list[Purchase] = []
    for one in told:
        if one.event.stream is None:
            homeless.append(one.event)
        else:
            named[one.event.stream].append(one.event)
    homes = {stream: (events[0], events[-1]) for stream, events in named.items()}
    for purchase in homeless:
        named[_home_of(purchase, homes)].append(purchase)
    rows: dict[str, Row] = {}
    for stream, events in named.items():
        rows |= StreamPass(stream, scores, definitions or Definitions()).rows(events)
    return rows


def _home_of(purchase: Purchase, homes: Mapping[str, tuple[RawEvent, RawEvent]]) -> str:
    """Return the channel's stream that was live then; the stories have one at a time."""
    for stream, (first, last) in homes.items():
        if first.channel == purchase.channel and (
            first.occurred_at_ms <= purchase.occurred_at_ms <= last.occurred_at_ms
        ):
            return stream
    return f"off_stream:{purchase.channel}"
