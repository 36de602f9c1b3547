"""The input of every benchmark: comments as the demo's viewers write them, in eight streams.

A pool of a thousand texts fits every cache; real chat does not repeat itself so much. With
`distinct_share`, so many of the texts are made to occur only once (our real recordings: 0.43).
"""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from resonance.agents.demo import scenario
from resonance.streams.events import Comment, RawEvent, Stage

STREAMS: Final = 8
VIEWERS: Final = 20_000
NATURAL_DISTINCT_SHARE: Final = 0.43
START_MS: Final = 1_772_564_400_000
COMMENTS_PER_SECOND: Final = 500  # Of event time, all streams together.


def recording(comments: int, *, distinct_share: float = 0.0, seed: int = 1) -> Iterator[RawEvent]:
    """Yield so many comments in event-time order, between the markers of their streams."""
    rng = Random(seed)
    pool = [e for e in scenario.events(START_MS) if isinstance(e, Comment) and e.role == "viewer"]
    counts = [0] * STREAMS
    end_ms = START_MS + comments * 1_000 // COMMENTS_PER_SECOND
    for stream in range(STREAMS):
        yield _marker(stream, "started", START_MS, 0)
    for number in range(comments):
        stream, base = number % STREAMS, rng.choice(pool)
        counts[stream] += 1
        at_ms = START_MS + number * 1_000 // COMMENTS_PER_SECOND
        text = f"{base.text} {number}" if rng.random() < distinct_share else base.text
        yield msgspec.structs.replace(
            base,
            id=f"bench-{number}",
            channel=f"channel-{stream}",
            stream=f"stream-{stream}",
            occurred_at_ms=at_ms,
            ingested_at_ms=at_ms,
            viewer_id=f"viewer-{rng.randrange(VIEWERS)}",
            text=text,
        )
    for stream in range(STREAMS):
        yield _marker(stream, "ended", end_ms, counts[stream])


def _marker(stream: int, action: str, at_ms: int, comments: int) -> Stage:
    """Return the marker of a finite stream: it is complete by its counts, not by the clock."""
    ended = action == "ended"
    fields = {
        "kind": "stage",
        "id": f"{action}-{stream}",
        "platform": "bench",
        "channel": f"channel-{stream}",
        "stream": f"stream-{stream}",
        "occurred_at_ms": at_ms,
        "ingested_at_ms": at_ms,
        "action": action,
        "counts": {"comments": comments, "stage": 2} if ended else None,
        "sources": None if ended else {"comments": 1, "stage": 1},
    }
    return msgspec.convert(fields, Stage)
