"""Rows of erased viewers in a table of the archive: found, redacted, and no others touched."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resonance.sentiment.scores import Friction
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.archive.events import events_of
from resonance.streams.archive.parquet import ForeignFileError, parquet_bytes, read_batches
from resonance.streams.archive.ranges import stream_summary
from resonance.streams.archive.rows import Archived, table_of
from resonance.streams.erasure import ErasedViewers, Erasure
from resonance.streams.events import LogEvent
from support.log_events import Build

ANN, BOB, CAT = (f"{number:016x}" for number in range(3))
ERASED = ErasedViewers([Erasure(viewer=ANN, epoch="e", erased_at_ms=1)], b"salt")


def a_file(*events: LogEvent) -> io.BytesIO:
    records = [Archived(0, offset, 1, event) for offset, event in enumerate(events)]
    return io.BytesIO(parquet_bytes(table_of(records)[0], stream_summary("live", records)))


def after(file: io.BytesIO, rows: ErasedRows) -> list[LogEvent]:
    tables = [rows.without(batch) for batch in read_batches(file)]
    return [record.event for table in tables for record in events_of(table)]


def said(build: Build) -> list[LogEvent]:
    friction = (Friction("hard_sell", 2, "buy now"),)
    return [
        build.stage("started", 0),
        build.comment("a", 1, viewer=ANN, text="from Ann", reply_to="x", friction=friction),
        build.comment("b", 2, viewer=BOB, text="from Bob", reply_to="a", friction=friction),
        build.purchase("p", 3, viewer=ANN, market="DE"),
        build.purchase("q", 4, viewer=None),
    ]


def test_the_rows_of_the_list_are_redacted_and_counted_and_all_others_stay():
    events = said(Build())
    rows = ErasedRows(ERASED)
    assert rows
    assert rows.are_in(a_file(*events))
    assert after(a_file(*events), rows) == [ERASED.redacted(event) for event in events]
    assert rows.redacted == 2
    assert after(a_file(*events), rows)[2] == events[2]


def test_what_is_redacted_is_found_no_more():
    rows = ErasedRows(ERASED)
    again = a_file(*after(a_file(*said(Build())), rows))
    assert not rows.are_in(again)
    assert after(again, rows) == after(again, ErasedRows(ErasedViewers()))
    assert rows.redacted == 2


@pytest.mark.parametrize(
    "erased", [ErasedViewers(), ErasedViewers([Erasure(viewer=CAT, epoch="e", erased_at_ms=1)])]
)
def test_a_file_without_anybody_of_the_list_is_left_as_it_is(erased):
    events = said(Build())
    rows = ErasedRows(erased)
    assert not rows.are_in(a_file(*events))
    assert after(a_file(*events), rows) == events
    assert rows.redacted == 0


def test_a_file_of_others_holds_nobody_and_what_is_no_file_is_told():
    other = io.BytesIO()
    pq.write_table(pa.table({"name": [ANN]}), other)
    assert not ErasedRows(ERASED).are_in(other)
    with pytest.raises(ForeignFileError, match="no file of the archive"):
        ErasedRows(ERASED).are_in(io.BytesIO(b"something else"))
