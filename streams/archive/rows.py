"""Events to rows of the archive's table: nothing is lost on the way, and nothing added."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from resonance.streams.archive.schema import COLUMNS, SCHEMA
from resonance.streams.events import LogEvent, LoggedPurchase, LoggedStage, ScoredComment, Tick


class Archived(NamedTuple):
    """An event, and where it stands in the log."""

    partition: int
    offset: int
    appended_at_ms: int
    event: LogEvent


def table_of(records: Sequence[Archived]) -> tuple[pa.Table, int]:
    """Return the records as a table of the archive's schema, and how many do not fit it.

    A number beyond 64 bits does not: whoever forged it must not stop the archive.
    """
    try:
        return _table(records), 0
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        fitting = [record for record in records if _fits(record)]
        return _table(fitting), len(records) - len(fitting)


def _fits(record: Archived) -> bool:
    try:
        _table([record])
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        return False
    return True


def _table(records: Sequence[Archived]) -> pa.Table:
    rows = [_row(record) for record in records]
    columns = [
        pa.array([row.get(name) for row in rows], type=kind) for name, kind in COLUMNS.items()
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _row(record: Archived) -> Mapping[str, Any]:
    event = record.event
    row: dict[str, Any] = {
        "partition": record.partition,
        "offset": record.offset,
        "appended_at_ms": record.appended_at_ms,
    }
    if isinstance(event, Tick):
        return row | {
            "kind": "tick",
            "source_topic": event.topic,
            "source_partition": event.partition,
            "source_offset": event.offset,
            "partitions": event.partitions,
            "position_ms": event.position_ms,
        }
    row |= {
        "id": event.id,
        "platform": event.platform,
        "channel": event.channel,
        "stream": event.stream,
        "occurred_at_ms": event.occurred_at_ms,
        "ingested_at_ms": event.ingested_at_ms,
        "source_topic": event.place.topic,
        "source_partition": event.place.partition,
        "source_offset": event.place.offset,
    }
    if isinstance(event, ScoredComment):
        return row | _comment(event)
    if isinstance(event, LoggedPurchase):
        return row | _purchase(event)
    return row | _stage(event)


def _comment(event: ScoredComment) -> dict[str, Any]:
    return {
        "kind": "comment",
        "viewer": event.viewer,
        "viewer_epoch": event.viewer_epoch,
        "role": event.role,
        "text": event.text,
        "text_key": event.text_key,
        "market": event.market,
        "market_source": event.market_source,
        "stream_markets": event.stream_markets,
        "reply_to": event.reply_to,
        "product": event.product,
        "language": event.language,
        "negative": event.sentiment.negative,
        "neutral": event.sentiment.neutral,
        "positive": event.sentiment.positive,
        "signals": event.signals,
        "topics": event.topics,
        "friction": [msgspec.structs.asdict(friction) for friction in event.friction],
        "scorer": event.scorer,
        "code_version": event.versions.code,
        "model_version": event.versions.model,
        "packs_version": event.versions.packs,
    }


def _purchase(event: LoggedPurchase) -> dict[str, Any]:
    return {
        "kind": "purchase",
        "viewer": event.viewer,
        "viewer_epoch": event.viewer_epoch,
        "market": event.market,
        "order_id": event.order_id,
        "state": event.state,
        "lines": [msgspec.structs.asdict(line) for line in event.lines],
        "amount_minor": event.amount_minor,
        "currency": event.currency,
        "origin": event.source,
    }


def _stage(event: LoggedStage) -> dict[str, Any]:
    return {
        "kind": "stage",
        "action": event.action,
        "product": event.product,
        "text": event.text,
        "viewers": event.viewers,
        "amount_minor": event.amount_minor,
        "currency": event.currency,
        "units": event.units,
        "target_id": event.target_id,
        "stream_markets": event.stream_markets,
        "stream_languages": event.stream_languages,
        "topics": event.topics,
        "origin": event.source,
        "sources": _json(event.sources),
        "counts": _json(event.counts),
    }


def _json(counts: dict[str, int] | None) -> str | None:
    return None if counts is None else msgspec.json.encode(counts).decode()
