"""What a backfill refuses before anything is written, and how it is cut for sending."""

import pytest

from resonance.agents.backfill.openmetrics import openmetrics, refuse_times, sample_count
from resonance.agents.backfill.remote_write import BATCH_SAMPLES, bodies
from resonance.agents.backfill.series import Key, Sample, series_of
from resonance.agents.board.floors import AlertFloors
from resonance.agents.errors import UsageError
from resonance.streams.fold.sums import STAGE_ACTIONS
from resonance.streams.windows import WindowRow, encode_row, window_key

T0_MS = 1_700_000_000_000
DAY_MS = 86_400_000


def rows(*values: WindowRow) -> dict[str, bytes]:
    return {window_key(r.stream, r.market, r.start_ms): encode_row(r) for r in values}


def row(start_ms: int | None, negative: int) -> WindowRow:
    counts = {"negative": negative}
    return WindowRow(
        stream="s", market="US", start_ms=start_ms, comments=negative, sentiment=counts
    )


def negatives(series: dict[Key, list[Sample]]) -> list[tuple[int, float]]:
    (found,) = (
        samples
        for key, samples in series.items()
        if key.family == "resonance_comments" and ("sentiment", "negative") in key.labels
    )
    return [(at_ms - T0_MS, value) for at_ms, value in found]


def test_counters_begin_at_zero_and_keep_their_value_through_a_silence() -> None:
    past = rows(row(T0_MS, 2), row(T0_MS + 20_000, 3), row(None, 5))
    found = negatives(series_of(past, AlertFloors()))
    assert found == [(0, 0), (10_000, 2), (20_000, 2), (30_000, 5)]


def test_stage_events_are_the_rooms_buckets_added_up_each_action_from_zero_on() -> None:
    def room(start_ms: int | None, **stage: int) -> WindowRow:
        return WindowRow(stream="s", market="*", start_ms=start_ms, stage=stage)

    total = room(None, started=1, vote_started=3)
    past = rows(
        room(T0_MS, started=1, vote_started=1), row(T0_MS, 2), room(T0_MS + 20_000, vote_started=2),
        row(None, 2), total,
    )  # fmt: skip
    found = {
        key.labels: [value for _, value in samples]
        for key, samples in series_of(past, AlertFloors()).items()
        if key.family == "resonance_stage_events"
    }
    labels = {name: (("stream", "s"), ("action", name)) for name in STAGE_ACTIONS}
    assert found.keys() == set(labels.values())
    assert found[labels["vote_started"]] == [0, 1, 1, 3]
    assert found[labels["started"]] == [0, 1, 1, 1]
    assert found[labels["ended"]] == [0, 0, 0, 0]
    families = {
        key.family for key in series_of(past, AlertFloors()) if ("market", "*") in key.labels
    }
    assert families == set()


def test_stage_events_that_do_not_add_up_are_refused() -> None:
    total = WindowRow(stream="s", market="*", stage={"price": 2})
    part = WindowRow(stream="s", market="*", start_ms=T0_MS, stage={"price": 1})
    with pytest.raises(UsageError, match=r"market \*: the buckets of stage_events"):
        series_of(rows(part, total), AlertFloors())


def test_buckets_that_do_not_add_up_to_their_total_are_refused() -> None:
    with pytest.raises(UsageError, match=r"market US: the buckets of comments"):
        series_of(rows(row(T0_MS, 2), row(None, 5)), AlertFloors())


def test_the_label_replay_is_there_only_if_named() -> None:
    past = rows(row(T0_MS, 5), row(None, 5))
    named = series_of(past, AlertFloors(), "again")
    assert all(("replay", "again") in key.labels for key in named)
    assert not any("replay" in dict(key.labels) for key in series_of(past, AlertFloors()))


@pytest.mark.parametrize("second_ms", [T0_MS, T0_MS - 1])
def test_samples_out_of_order_or_at_one_time_are_refused(second_ms: int) -> None:
    series = {Key("resonance_x", "gauge", ()): [Sample(T0_MS, 1), Sample(second_ms, 2)]}
    with pytest.raises(UsageError, match="out of order"):
        refuse_times(series, T0_MS + DAY_MS, 15, blocks=True)


def test_a_stream_in_order_a_day_ago_is_taken_and_ends_as_openmetrics_does() -> None:
    series = series_of(rows(row(T0_MS, 5), row(None, 5)), AlertFloors())
    refuse_times(series, T0_MS + DAY_MS, 15, blocks=True)
    text = openmetrics(series)
    assert text.endswith(b"# EOF\n")
    assert b'sentiment="negative",stream="s"} 5.0 1700000010' in text


def test_what_is_sent_is_cut_into_parts_of_a_bounded_size() -> None:
    samples = [Sample(T0_MS + n, n) for n in range(2 * BATCH_SAMPLES + 1)]
    series = {Key("resonance_x", "gauge", ()): samples}
    assert sample_count(series) == 2 * BATCH_SAMPLES + 1
    assert len(list(bodies(series))) == 3
