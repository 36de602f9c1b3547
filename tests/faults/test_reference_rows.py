"""The reference and the fold agree without any fault, and the comparison sees every difference."""

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from faults.oracle import reference_rows
from faults.reading import Log, differences, log_of
from faults.reference_rows import Row
from faults.soak_report import Sample, judge
from faults.story import LONG_AGO_MS, Stream, Told, stamped
from resonance.sentiment.score import Scorer
from resonance.streams.codec import encode_log
from resonance.streams.events import Place, Versions
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.scoring import ScoringHop
from support.engine import VIEWER_KEY

SCORER = Scorer(tier="rules")
HOP = ScoringHop(SCORER, VIEWER_KEY, Versions(*SCORER.versions))
FEW_TEXTS = ("love it", "when does it ship?", "too expensive", "this is fake", "wow", "is it real?")


def told(stream: Stream) -> list[Told]:
    """Send a recording, to nobody."""
    sent: dict[str, Told] = {}
    all_told = []
    for draft in stream.drafts():
        if not draft.copy:
            event = stamped(draft, LONG_AGO_MS + draft.at_ms)
            sent[draft.event.id] = Told(draft.topic, draft.key, event)
        all_told.append(sent[draft.event.id])
    return all_told


def folded(sent: list[Told], batch: int) -> tuple[Log, dict[str, bytes]]:
    """Score and fold what was sent; return the log and the rows."""
    fold, rows, values = PartitionFold(FoldSettings()), {}, []
    for offset, one in enumerate(sent):
        event = HOP.score(one.event, Place(one.topic, 0, offset))
        values.append(encode_log(event))
        fold.apply(offset, event)
        if offset % batch == batch - 1:
            fold.advance()
            rows |= dict(fold.take_changed())
    fold.advance()
    return log_of(values), rows | dict(fold.take_changed())


@pytest.fixture(scope="module")
def recording() -> tuple[list[Told], Log, dict[str, bytes]]:
    stream = Stream("recorded", 2_600, viewers=120, late=0.02, texts=FEW_TEXTS, varieties=3)
    sent = told(stream)
    return sent, *folded(sent, batch=97)


def test_the_fold_gives_the_rows_of_the_reference(recording: tuple) -> None:
    sent, log, rows = recording
    expected = reference_rows(sent, log.scores)
    assert differences(expected, rows) == []
    room = expected["recorded|*|total"]
    measured = {"too_late", "duplicates", "late_comments", "masked", "repeat_viewers"}
    measured |= {"questions_opened", "questions_answered", "questions_stale", "refund_minor"}
    measured |= {"answer_seconds", "askers"}
    assert measured <= room.keys(), "a story in which something never happens shows less"
    assert {"giveaway", "vote", "duplicate"} <= room["masked"].keys()
    assert {"started", "ended", "giveaway_started", "product_shown"} <= room["stage"].keys()


def without_one(sent: list[Told]) -> list[Told]:
    return [one for one in sent if one.event.id != "recorded-c700"]


def with_one_twice(sent: list[Told]) -> list[Told]:
    return [*sent, sent[700]]


def ten_seconds_earlier(sent: list[Told]) -> list[Told]:
    one = sent[700]
    earlier = replace(one.event, occurred_at_ms=one.event.occurred_at_ms - 10_000)
    return [one._replace(event=earlier) if x is one else x for x in sent]


@pytest.mark.parametrize("change", [without_one, with_one_twice, ten_seconds_earlier])
def test_one_event_more_or_less_or_elsewhere_is_a_difference(
    change: Callable[[list[Told]], list[Told]], recording: tuple
) -> None:
    sent, log, rows = recording
    assert differences(reference_rows(change(sent), log.scores), rows)


def test_a_row_too_many_or_missing_is_a_difference() -> None:
    row: Row = {"v": 1, "stream": "s", "market": "US", "comments": 3}
    value = json.dumps(row).encode()
    assert differences({"s|US|total": row}, {"s|US|total": value, "other|US|total": value}) == []
    assert differences({"s|US|total": row}, {}) == ["s|US|total: missing"]
    assert differences({"s|US|total": row}, {"s|US|total": value, "s|US|0": value}) == [
        "s|US|0: no such row is due"
    ]


@pytest.mark.parametrize(
    ("expected", "got", "fine"),
    [(9_999, 9_999, True), (9_999, 10_001, False), (20_000, 20_390, True), (20_000, 20_410, False)],
)
def test_distinct_counts_are_exact_up_to_ten_thousand_and_within_two_percent_above(
    expected: int, got: int, *, fine: bool
) -> None:
    row = {"commenters": expected}
    found = differences({"s|*|total": row}, {"s|*|total": json.dumps({"commenters": got}).encode()})
    assert (found == []) is fine


def samples(growth_kib: float, files: int = 20) -> list[Sample]:
    return [Sample("scoring", 1, m, int(200_000 + m * growth_kib), files) for m in range(60)]


def test_a_soak_finds_memory_that_grows_and_files_that_stay_open() -> None:
    assert judge(samples(0))[0]
    assert judge(samples(15))[0]  # 0.9 MiB an hour.
    assert not judge(samples(20))[0]
    leaking = [Sample(s.role, 1, s.minute, s.rss_kib, 20 + s.minute // 10) for s in samples(0)]
    assert not judge(leaking)[0]


def test_a_soak_says_when_it_was_too_short_to_judge() -> None:
    fine, lines = judge(samples(500)[:10])
    assert fine
    assert "too few to judge" in lines[0]
