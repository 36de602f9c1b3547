"""The scripted stream: two minutes of a seller with viewers in ten markets, as raw events.

Pure: the same start, seed and trouble give the same events, to the byte.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from random import Random
from typing import Final

import msgspec

from resonance.agents.demo.cast import Cast
from resonance.agents.demo.chat import Line, lines
from resonance.agents.demo.orders import Order, orders
from resonance.agents.demo.running_order import (
    LANGUAGES,
    MARKETS,
    TROUBLE_NAMES,
    Trouble,
)
from resonance.agents.demo.tables import table
from resonance.streams.events import Comment, Purchase, RawEvent, Stage

PLATFORM: Final = "demo"
CHANNEL: Final = "lumi-home-beauty"
STREAM: Final = "lumi-tuesday-live"
HOST: Final = "host-mia"
SEED: Final = 16

DELAY_MS: Final = (30, 400)  # From the viewer's phone to us.
LATE_MS: Final = (4_000, 9_000)  # A phone that was in a tunnel.
LATE_SHARE: Final = 0.007
SENT_TWICE_SHARE: Final = 0.006
AGAIN_MS: Final = 900
LAST_ARRIVAL_MS: Final = 119_000  # Whatever comes after the end would be no part of the stream.


def events(start_ms: int, seed: int = SEED, trouble: Trouble | None = None) -> list[RawEvent]:
    """Return the whole stream in the order of arrival; `start_ms` is UTC since 1970.

    `trouble` is what goes wrong: by default, customs fees in Germany from the first minute's end.
    """
    trouble = trouble or Trouble()
    rng = Random(seed)  # noqa: S311 - a script is repeated, not kept secret.
    cast = Cast(rng)
    comments = [
        _comment(rng, number, line, start_ms)
        for number, line in enumerate(sorted(lines(rng, cast, trouble), key=attrgetter("at_ms")), 1)
    ]
    purchases = [
        _purchase(rng, order, start_ms)
        for order in sorted(orders(rng, cast, trouble), key=attrgetter("at_ms"))
    ]
    sent_twice = [
        msgspec.structs.replace(comment, ingested_at_ms=_again_ms(rng, comment, start_ms))
        for comment in comments
        if rng.random() < SENT_TWICE_SHARE
    ]
    everything = [*_stage(start_ms, trouble), *comments, *purchases, *sent_twice]
    return sorted(everything, key=attrgetter("ingested_at_ms", "occurred_at_ms", "id"))


def _arrival_ms(rng: Random, occurred_at_ms: int, start_ms: int) -> int:
    delay_ms = rng.randint(*(LATE_MS if rng.random() < LATE_SHARE else DELAY_MS))
    return max(min(occurred_at_ms + delay_ms, start_ms + LAST_ARRIVAL_MS), occurred_at_ms)


def _again_ms(rng: Random, comment: Comment, start_ms: int) -> int:
    """Return when the comment is sent once more: soon after, and never after the end."""
    latest_ms = max(comment.ingested_at_ms, start_ms + LAST_ARRIVAL_MS)
    return min(comment.ingested_at_ms + rng.randrange(AGAIN_MS), latest_ms)


def _comment(rng: Random, number: int, line: Line, start_ms: int) -> Comment:
    occurred_at_ms = start_ms + line.at_ms
    return Comment(
        id=f"comment-{number:05}",
        platform=PLATFORM,
        channel=CHANNEL,
        stream=STREAM,
        occurred_at_ms=occurred_at_ms,
        ingested_at_ms=_arrival_ms(rng, occurred_at_ms, start_ms),
        viewer_id=line.viewer.viewer_id,
        text=line.text,
        market=line.viewer.declared,
        stream_markets=MARKETS,
        stream_languages=LANGUAGES,
    )


def _purchase(rng: Random, order: Order, start_ms: int) -> Purchase:
    occurred_at_ms = start_ms + order.at_ms
    return Purchase(
        id=f"{order.order_id}-{order.state}",
        platform=PLATFORM,
        channel=CHANNEL,
        stream=STREAM,
        occurred_at_ms=occurred_at_ms,
        ingested_at_ms=_arrival_ms(rng, occurred_at_ms, start_ms),
        order_id=order.order_id,
        state=order.state,
        lines=(order.line,),
        amount_minor=order.line.amount_minor,
        currency=order.currency,
        viewer_id=order.viewer.viewer_id,
        market=order.market,
        source=order.source,
    )


def _stage(start_ms: int, trouble: Trouble) -> Iterator[RawEvent]:
    """Yield what the host does and writes."""
    for number, row in enumerate(table("running_order"), 1):
        at_ms = start_ms + int(float(row["second"]) * 1_000)
        text = row["text"].replace("{trouble}", TROUBLE_NAMES[trouble.topic])
        if row["action"] == "host_comment":
            yield Comment(
                id=f"host-{number:03}",
                platform=PLATFORM,
                channel=CHANNEL,
                stream=STREAM,
                occurred_at_ms=at_ms,
                ingested_at_ms=at_ms,
                viewer_id=HOST,
                role="host",
                text=text,
                stream_markets=MARKETS,
                stream_languages=LANGUAGES,
                product=row["product"] or None,
            )
        else:
            yield msgspec.convert(_stage_fields(number, row, at_ms, text), Stage)


def _stage_fields(number: int, row: dict[str, str], at_ms: int, text: str) -> dict[str, object]:
    """Return the stage event's fields by name; what its action has no use for is left out."""
    fields: dict[str, object] = {
        "kind": "stage",
        "id": f"stage-{number:03}",
        "platform": PLATFORM,
        "channel": CHANNEL,
        "stream": STREAM,
        "occurred_at_ms": at_ms,
        "ingested_at_ms": at_ms,
        "action": row["action"],
        "stream_markets": MARKETS,
        "stream_languages": LANGUAGES,
    }
    if text:
        fields["text"] = text
    fields |= {name: row[name] for name in ("product", "currency") if row[name]}
    fields |= {name: int(row[name]) for name in ("amount_minor", "units", "viewers") if row[name]}
    return fields


def cut(stream: Sequence[RawEvent], seconds: int) -> list[RawEvent]:
    """Return what has arrived in the first `seconds` of the stream, which then ends."""
    *before, ended = stream
    assert isinstance(ended, Stage)
    start_ms = stream[0].occurred_at_ms
    end_ms = min(start_ms + seconds * 1_000, ended.occurred_at_ms)
    end = msgspec.structs.replace(ended, occurred_at_ms=end_ms, ingested_at_ms=end_ms)
    return [event for event in before if event.ingested_at_ms <= end_ms] + [end]
