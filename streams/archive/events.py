"""Rows of the archive's table back to events: column by column, as a million come at a time."""

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import Any

import msgspec
import pyarrow as pa

from resonance.sentiment.scores import Friction, Sentiment
from resonance.streams.archive.rows import Archived
from resonance.streams.events import (
    SCHEMA_VERSION,
    LogEvent,
    LoggedPurchase,
    LoggedStage,
    OrderLine,
    Place,
    ScoredComment,
    Tick,
    Versions,
)

_COMMENT_COLUMNS = (
    "id", "platform", "channel", "stream", "occurred_at_ms", "ingested_at_ms",
    "viewer", "role", "text", "text_key", "market", "market_source",
    "reply_to", "product", "language", "scorer", "viewer_epoch",
)  # fmt: skip


def events_of(table: pa.Table | pa.RecordBatch) -> Iterator[Archived]:
    """Yield the rows of a table of the archive's schema as events, in their order."""
    rows = _Columns(table)
    kinds = rows.values("kind")
    events = _comments(rows) if kinds == ["comment"] * len(kinds) else _mixed(table, kinds)
    yield from map(
        Archived,
        rows.values("partition"),
        rows.values("offset"),
        rows.values("appended_at_ms"),
        events,
    )


def _mixed(table: pa.Table | pa.RecordBatch, kinds: Sequence[str]) -> Iterator[LogEvent]:
    """Yield events of all kinds: each kind is read by its own columns, then put in order."""
    readers = {"comment": _comments, "purchase": _purchases, "stage": _stages, "tick": _ticks}
    by_kind = {}
    for kind in set(kinds):
        wanted = pa.array([one == kind for one in kinds])
        by_kind[kind] = readers[kind](_Columns(table.filter(wanted)))
    for kind in kinds:
        yield next(by_kind[kind])


class _Columns:
    """Python values of a table's columns; a word that repeats is one object."""

    def __init__(self, table: pa.Table | pa.RecordBatch) -> None:
        self._table = table.combine_chunks() if isinstance(table, pa.Table) else table

    def values(self, name: str) -> list[Any]:
        found: list[Any] = []
        for chunk in _chunks(self._table.column(name)):
            found += _chunk_values(chunk)
        return found

    def tuples(self, name: str) -> list[tuple[Any, ...]]:
        """Return a column of lists; empty and missing ones are the same empty tuple."""
        found: list[tuple[Any, ...]] = []
        for chunk in _chunks(self._table.column(name)):
            lengths = chunk.value_lengths().fill_null(0).to_pylist()
            items = iter(_chunk_values(chunk.flatten()))
            found += [tuple(next(items) for _ in range(n)) if n else () for n in lengths]
        return found

    def places(self) -> Iterator[Place]:
        return map(
            Place,
            self.values("source_topic"),
            self.values("source_partition"),
            self.values("source_offset"),
        )

    def structs(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._table.to_pylist()
        return rows

    def __len__(self) -> int:
        return int(self._table.num_rows)


def _chunks(column: pa.Array | pa.ChunkedArray) -> Sequence[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def _chunk_values(chunk: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(chunk.type):
        # One object a word, as literals are: what equals a default is left out of JSON.
        words = [*map(intern, chunk.dictionary.to_pylist()), None]
        missing = len(words) - 1
        return [words[i] for i in chunk.indices.fill_null(missing).to_numpy().tolist()]
    if chunk.null_count or not pa.types.is_primitive(chunk.type):
        values: list[Any] = chunk.to_pylist()
        return values
    numbers: list[Any] = chunk.to_numpy(zero_copy_only=False).tolist()
    return numbers


def _comments(rows: _Columns) -> Iterator[LogEvent]:
    sentiments = map(
        Sentiment, rows.values("negative"), rows.values("neutral"), rows.values("positive")
    )
    return map(
        _comment,
        zip(*(rows.values(name) for name in _COMMENT_COLUMNS), strict=True),
        rows.tuples("stream_markets"),
        sentiments,
        rows.tuples("signals"),
        rows.tuples("topics"),
        _frictions(rows),
        _versions(rows),
        rows.places(),
    )


def _comment(
    fields: tuple[Any, ...],
    stream_markets: tuple[str, ...],
    sentiment: Sentiment,
    signals: tuple[Any, ...],
    topics: tuple[Any, ...],
    friction: tuple[Friction, ...],
    versions: Versions,
    place: Place,
) -> ScoredComment:
    return ScoredComment(
        v=SCHEMA_VERSION,
        id=fields[0],
        platform=fields[1],
        channel=fields[2],
        stream=fields[3],
        occurred_at_ms=fields[4],
        ingested_at_ms=fields[5],
        viewer=fields[6],
        role=fields[7],
        text=fields[8],
        text_key=fields[9],
        market=fields[10],
        market_source=fields[11],
        reply_to=fields[12],
        product=fields[13],
        language=fields[14],
        scorer=fields[15],
        viewer_epoch=fields[16] or "",
        stream_markets=stream_markets,
        sentiment=sentiment,
        signals=signals,
        topics=topics,
        friction=friction,
        versions=versions,
        place=place,
    )


def _frictions(rows: _Columns) -> Iterable[tuple[Friction, ...]]:
    return (
        tuple(Friction(**one) for one in found) if found else ()
        for found in rows.tuples("friction")
    )


def _versions(rows: _Columns) -> Iterator[Versions]:
    known: dict[tuple[str, str, str], Versions] = {}
    triples = zip(
        rows.values("code_version"),
        rows.values("model_version"),
        rows.values("packs_version"),
        strict=True,
    )
    for triple in triples:
        versions = known.get(triple)
        if versions is None:
            versions = known[triple] = Versions(*triple)
        yield versions


def _ticks(rows: _Columns) -> Iterator[LogEvent]:
    columns = ("source_topic", "source_partition", "partitions", "source_offset", "position_ms")
    for topic, partition, partitions, offset, position_ms in zip(
        *(rows.values(name) for name in columns), strict=True
    ):
        yield Tick(
            topic=topic,
            partition=partition,
            partitions=partitions,
            offset=offset,
            position_ms=position_ms,
        )


def _purchases(rows: _Columns) -> Iterator[LogEvent]:
    for row, place in zip(rows.structs(), rows.places(), strict=True):
        yield LoggedPurchase(
            **_envelope(row),
            stream=row["stream"],
            order_id=row["order_id"],
            state=row["state"],
            lines=tuple(OrderLine(**line) for line in row["lines"] or ()),
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            viewer=row["viewer"],
            viewer_epoch=row["viewer_epoch"] or "",
            market=row["market"],
            source=row["origin"],
            place=place,
        )


def _stages(rows: _Columns) -> Iterator[LogEvent]:
    for row, place in zip(rows.structs(), rows.places(), strict=True):
        yield LoggedStage(
            **_envelope(row),
            stream=row["stream"],
            action=row["action"],
            product=row["product"],
            text=row["text"],
            viewers=row["viewers"],
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            units=row["units"],
            target_id=row["target_id"],
            stream_markets=tuple(row["stream_markets"] or ()),
            stream_languages=tuple(row["stream_languages"] or ()),
            source=row["origin"],
            sources=_counts(row["sources"]),
            counts=_counts(row["counts"]),
            topics=tuple(row["topics"] or ()),
            place=place,
        )


def _envelope(row: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "platform", "channel", "occurred_at_ms", "ingested_at_ms")
    return {name: row[name] for name in names}


def _counts(text: str | None) -> dict[str, int] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, int])
