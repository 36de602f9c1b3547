"""What Prometheus would have scraped while a recorded stream was live."""

import pytest

from resonance.agents.backtesting.series import ON_THE_WAY_MS, scraped
from resonance.agents.board.floors import AlertFloors
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.scoring import ScoringHop
from resonance.streams.windows import ROOM, decode_row
from support.backtests import VERSIONS, events_of, recordings, rows_of, scorer

STEP_MS = 2_000
STREAM = "generated-001"


@pytest.fixture(scope="module")
def events():
    return events_of(recordings(2, 600, 3) / f"{STREAM}.jsonl")


@pytest.fixture(scope="module")
def found(events):
    hop = ScoringHop(scorer(), bytes(32), VERSIONS)
    return scraped(events, hop, FoldSettings(), AlertFloors(), step_ms=STEP_MS)


def of(found, metric, **labels):
    wanted = {"stream": STREAM, **labels}.items()
    [samples] = [
        s
        for (name, its), s in found.series.items()
        if name == metric and wanted <= dict(its).items()
    ]
    return samples


def test_every_series_has_a_place_for_every_scrape_and_a_time_of_the_recording(events, found):
    assert {len(samples) for samples in found.series.values()} == {found.scrapes}
    assert 0 <= events[0].ingested_at_ms - found.start_ms < 1_000
    assert found.end_ms > events[-1].occurred_at_ms + 100_000


def test_counters_begin_at_zero_never_fall_and_end_at_the_total_of_a_replay(events, found):
    rows = [decode_row(value) for value in rows_of(events).values()]
    totals = {row.market: row for row in rows if row.start_ms is None and row.market != ROOM}
    assert len(totals) >= 3
    for market, row in totals.items():
        samples = of(found, "resonance_comments_total", market=market, sentiment="negative")
        seen = [sample for sample in samples if sample is not None]
        assert seen[0] == 0
        assert seen == sorted(seen)
        late = sum(b.late_comments for b in rows if b.market == market and b.start_ms is not None)
        # Late comments are in the sums of both, but masked in neither.
        assert abs(seen[-1] - row.sentiment.get("negative", 0)) <= late


def test_the_watermark_is_as_far_behind_as_it_is_in_a_live_stream(found):
    marks = of(found, "resonance_watermark_timestamp_seconds")
    live = of(found, "resonance_stream_live")
    behind = {
        (found.start_ms + place * STEP_MS) / 1000 - mark
        for place, (mark, going) in enumerate(zip(marks, live, strict=True))
        if mark is not None and going
    }
    allowed = (FoldSettings().allowed_lateness_ms + ON_THE_WAY_MS) / 1000
    assert min(behind) == allowed
    assert max(behind) <= allowed + STEP_MS / 1000


def test_a_stream_that_has_ended_is_not_live_any_more(found):
    live = [sample for sample in of(found, "resonance_stream_live") if sample is not None]
    assert (live[0], live[-1]) == (1, 0)


def test_only_what_is_wanted_is_kept(events):
    hop = ScoringHop(scorer(), bytes(32), VERSIONS)
    wanted = "resonance_stream_live"
    found = scraped(
        events, hop, FoldSettings(), AlertFloors(), step_ms=STEP_MS, wanted=wanted.__eq__
    )
    assert [name for name, _ in found.series] == [wanted]
