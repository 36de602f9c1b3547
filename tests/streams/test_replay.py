"""A replay is the live fold on a recording: same numbers, same bytes, however often."""

from pathlib import Path

import msgspec
import pytest

from resonance.sentiment.score import Scorer
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.importers.load import events_of_files
from resonance.streams.importers.options import Options
from resonance.streams.replay import Replay, paced, replay, report
from resonance.streams.scoring import ScoringHop

START_MS = 1_700_000_000_000


@pytest.fixture(scope="module")
def hop() -> ScoringHop:
    return ScoringHop(Scorer(), bytes(32), Versions("1", "rules", "0"))


def comment(number: int, text: str = "how much is it?", **changes: object) -> Comment:
    at_ms = START_MS + number * 400
    fields: dict[str, object] = {
        "id": f"c{number}",
        "platform": "test",
        "channel": "shop",
        "stream": "live",
        "occurred_at_ms": at_ms,
        "ingested_at_ms": at_ms,
        "viewer_id": f"viewer-{number % 7}",
        "text": text,
        "stream_markets": ("US",),
    }
    return Comment(**(fields | changes))


def recording(tmp_path: Path, events: list[Comment]) -> Path:
    path = tmp_path / "recording.jsonl"
    path.write_bytes(b"".join(encode_raw(event) + b"\n" for event in events))
    return path


def rows_of(path: Path, hop: ScoringHop, **options: object) -> dict[str, bytes]:
    with events_of_files([path], Options(**options)) as events:
        return replay(events, hop, FoldSettings())


def test_a_recording_gives_the_same_bytes_in_whatever_order_its_lines_are(tmp_path, hop):
    events = [comment(number) for number in range(100)]
    forwards = rows_of(recording(tmp_path, events), hop)
    backwards = rows_of(recording(tmp_path, events[::-1]), hop)

    assert forwards == backwards
    assert msgspec.json.decode(forwards["live|US|total"])["comments"] == 100


class Brittle:
    """A scorer that one text breaks."""

    def score_all(self, requests):
        if any(request.text == "poison" for request in requests):
            raise RecursionError
        return Scorer(tier="rules").score_all(requests)


def test_numbers_are_those_of_all_events_or_there_are_none():
    run = Replay(ScoringHop(Brittle(), bytes(32), Versions("1", "rules", "0")))
    run.feed(comment(1))
    run.feed(comment(2, "poison"))
    with pytest.raises(RecursionError):
        run.advance()


def test_two_streams_in_one_file_do_not_mix(tmp_path, hop):
    events = [comment(number, stream=f"live-{number % 2}") for number in range(10)]

    result = report(rows_of(recording(tmp_path, events), hop))

    assert [stream["stream"] for stream in result["streams"]] == ["live-0", "live-1"]
    assert [stream["totals"]["comments"] for stream in result["streams"]] == [5, 5]


def test_the_report_repeats_every_row_so_that_its_bytes_can_be_made_again(tmp_path, hop):
    rows = rows_of(recording(tmp_path, [comment(number) for number in range(30)]), hop)

    [stream] = report(rows)["streams"]

    again = {window["key"]: msgspec.json.encode(window["value"]) for window in stream["windows"]}
    assert again == rows


def test_a_real_chat_is_counted_whole(data_dir, hop):
    path = data_dir / "chat/youtube_chatdownloader2020_premiere_en.json"

    rows = rows_of(path, hop, markets=("US",))

    [stream] = report(rows)["streams"]
    assert stream["totals"]["comments"] == 7_453
    assert stream["totals"]["commenters"] == 6_008
    assert rows == rows_of(path, hop, markets=("US",))


def test_pace_follows_event_time_divided_by_the_speed():
    waits: list[float] = []

    events = list(paced([comment(0), comment(5), comment(10)], 4, waits.append))

    assert [event.id for event in events] == ["c0", "c5", "c10"]
    assert waits == [0, 0.5, 1.0]
