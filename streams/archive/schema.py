"""The columns of an archived event: one wide table for every kind, so that one query reads all.

What a kind does not have is null, which Parquet stores in next to nothing.
"""

from typing import Final

import pyarrow as pa

ARCHIVE_SCHEMA: Final = 1

_WORD: Final = pa.dictionary(pa.int32(), pa.string())  # Few different values in a file.
_TEXT: Final = pa.string()
_WORDS: Final = pa.list_(pa.string())
_FRICTION: Final = pa.struct(
    [("category", pa.string()), ("severity", pa.int8()), ("evidence", pa.string())]
)
_LINE: Final = pa.struct(
    [("product", pa.string()), ("units", pa.int32()), ("amount_minor", pa.int64())]
)

COLUMNS: Final[dict[str, pa.DataType]] = {
    # Where it stands in the topic `events`: the order of record.
    "partition": pa.int32(),
    "offset": pa.int64(),
    "appended_at_ms": pa.int64(),  # When the broker got it.
    "kind": _WORD,
    "id": _TEXT,
    "platform": _WORD,
    "channel": _WORD,
    "stream": _WORD,
    "occurred_at_ms": pa.int64(),
    "ingested_at_ms": pa.int64(),
    # Where its source record stands.
    "source_topic": _WORD,
    "source_partition": pa.int32(),
    "source_offset": pa.int64(),
    # Comments.
    "viewer": _TEXT,
    "viewer_epoch": _WORD,  # Files from before it was kept have no such column.
    "role": _WORD,
    "text": _TEXT,
    "text_key": pa.uint64(),
    "market": _WORD,
    "market_source": _WORD,
    "stream_markets": _WORDS,
    "reply_to": _TEXT,
    "product": _WORD,
    "language": _WORD,
    "negative": pa.float64(),
    "neutral": pa.float64(),
    "positive": pa.float64(),
    "signals": _WORDS,
    "topics": _WORDS,
    "friction": pa.list_(_FRICTION),
    "scorer": _WORD,
    "code_version": _WORD,
    "model_version": _WORD,
    "packs_version": _WORD,
    # Purchases.
    "order_id": _TEXT,
    "state": _WORD,
    "lines": pa.list_(_LINE),
    "amount_minor": pa.int64(),
    "currency": _WORD,
    "origin": _WORD,  # `source` of purchases and stage events: live, short_video, shop, ad …
    # Stage events.
    "action": _WORD,
    "viewers": pa.int64(),
    "units": pa.int64(),
    "target_id": _TEXT,
    "stream_languages": _WORDS,
    "sources": _TEXT,  # JSON
    "counts": _TEXT,  # JSON
    # Ticks, which lie beside the streams, in `log`.
    "partitions": pa.int32(),
    "position_ms": pa.int64(),
}
SCHEMA: Final = pa.schema(list(COLUMNS.items()))
WORDS: Final = [name for name, kind in COLUMNS.items() if kind == _WORD]
