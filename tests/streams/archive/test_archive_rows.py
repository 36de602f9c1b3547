"""An event comes out of the archive's table as it went in, whatever it is."""

import io
from itertools import pairwise

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resonance.sentiment.scores import Friction
from resonance.streams.archive.events import events_of
from resonance.streams.archive.files import StreamFile
from resonance.streams.archive.parquet import (
    ForeignFileError,
    parquet_bytes,
    read_batches,
    read_summary,
)
from resonance.streams.archive.ranges import stream_summary
from resonance.streams.archive.rows import Archived, table_of
from resonance.streams.archive.schema import COLUMNS
from resonance.streams.codec import encode_log
from resonance.streams.events import (
    LoggedPurchase,
    LoggedStage,
    OrderLine,
    ScoredComment,
    Tick,
)
from support.log_events import START_MS, Build

# Where a field lies under another name, or in several columns.
ELSEWHERE = {"v", "place", "sentiment", "versions", "source", "topic"}


def every_kind():
    build = Build()
    return [
        build.comment("plain", 1),
        build.comment(
            "rich",
            2,
            text="so teuer 😡\x00 | 'a' \"b\"",
            text_key=2**64 - 1,
            stream_markets=("US", "DE"),
            reply_to="plain",
            product="serum",
            signals=("question", "complaint"),
            topics=("price",),
            friction=(
                Friction("hard_sell", 2, "buy now"),
                Friction("customs_regulation", 3, ""),
            ),
            role="moderator",
            viewer_epoch="e1",
        ),
        build.purchase("bare", 3, stream=None),
        build.purchase(
            "lines",
            4,
            lines=(OrderLine("serum", 2, 10**15), OrderLine("mask", 0, 0)),
            viewer="00000000000000ff",
            viewer_epoch="e1",
            market="JP",
            source="live",
        ),
        build.stage("started", 5, sources={"comments": 3}, stream_languages=("en",)),
        build.stage("caption", 6, text="ships on monday", topics=("shipping",), source="asr"),
        build.stage("ended", 7, counts={}, viewers=0, units=5, currency="USD", target_id="x"),
        build.tick("comments", 3, 8, partitions=4),
    ]


def read_back(events):
    records = [Archived(2, 100 + n, START_MS + n, event) for n, event in enumerate(events)]
    table, missed = table_of(records)
    assert missed == 0
    summary = stream_summary("live", records)
    content = parquet_bytes(table, summary)
    assert content == parquet_bytes(table, summary), "the same table gives the same bytes"
    batches = read_batches(io.BytesIO(content))
    return [record for batch in batches for record in events_of(batch)]


def test_every_kind_of_event_comes_back_to_the_byte_with_its_place():
    events = every_kind()
    found = read_back(events)

    assert [record.event for record in found] == events
    assert [encode_log(record.event) for record in found] == [encode_log(e) for e in events]
    assert [record[:3] for record in found] == [(2, 100 + n, START_MS + n) for n in range(8)]


def test_comments_alone_come_back_too():
    comments = every_kind()[:2] * 3
    assert [record.event for record in read_back(comments)] == comments


@pytest.mark.parametrize("kind", [ScoredComment, LoggedPurchase, LoggedStage, Tick])
def test_no_field_of_an_event_is_left_out_of_the_archive(kind):
    fields = set(kind.__struct_fields__)
    assert fields - ELSEWHERE <= COLUMNS.keys() | {"offset", "partition"}


def test_a_number_that_fits_no_column_costs_its_own_record_and_no_other():
    build = Build()
    events = [build.comment("a", 1), build.stage("viewers", 2, viewers=2**70)]
    records = [Archived(0, n, START_MS, event) for n, event in enumerate(events)]

    table, missed = table_of(records)
    assert (table.num_rows, missed) == (1, 1)


def test_row_groups_are_cut_by_time_so_that_a_query_of_ten_minutes_reads_few():
    build = Build()
    events = [build.comment(f"c{n}", n * 30) for n in range(100)]
    records = [Archived(0, n, START_MS, event) for n, event in enumerate(events)]
    content = parquet_bytes(table_of(records)[0], stream_summary("live", records))

    groups = pa.parquet.ParquetFile(io.BytesIO(content)).metadata
    assert 5 <= groups.num_row_groups <= 7
    column = list(COLUMNS).index("occurred_at_ms")
    ranges = [groups.row_group(n).column(column).statistics for n in range(groups.num_row_groups)]
    assert all(one.max < following.min for one, following in pairwise(ranges))


def test_a_file_of_others_or_of_a_later_schema_is_refused_by_name():
    sink = pa.BufferOutputStream()
    table = pa.table({"a": [1]})
    with pa.parquet.ParquetWriter(sink, table.schema) as writer:
        writer.write_table(table)
    for content in (sink.getvalue().to_pybytes(), b"not parquet at all", b""):
        with pytest.raises(ForeignFileError):
            read_summary(io.BytesIO(content), StreamFile)

    records = [Archived(0, 0, START_MS, Build().comment("a", 1))]
    later = msgspec.structs.replace(stream_summary("live", records), schema=99)
    with pytest.raises(ForeignFileError, match="schema 99"):
        read_summary(io.BytesIO(parquet_bytes(table_of(records)[0], later)), StreamFile)


def test_a_file_from_before_the_epoch_was_kept_is_read_with_none():
    records = [Archived(0, n, START_MS + n, event) for n, event in enumerate(every_kind())]
    table, _ = table_of(records)
    summary = stream_summary("live", records)
    written = pq.read_table(io.BytesIO(parquet_bytes(table, summary)))
    older = io.BytesIO()
    pq.write_table(written.drop_columns(["viewer_epoch"]), older)
    older.seek(0)
    batches = list(read_batches(older))
    assert batches[0].schema.names == list(COLUMNS)
    found = [record.event for batch in batches for record in events_of(batch)]
    expected = [
        msgspec.structs.replace(event, viewer_epoch="") if hasattr(event, "viewer_epoch") else event
        for event in every_kind()
    ]
    assert found == expected
    assert {event.viewer for event in found if hasattr(event, "viewer")} > {None}
