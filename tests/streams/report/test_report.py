"""The post-mortem: the trouble first, every sentence counted, hostile words harmless."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from resonance.sentiment.scores import Sentiment
from resonance.streams.events import LoggedStage, ScoredComment
from resonance.streams.report.build import NoSuchStreamError, build_report
from resonance.streams.report.facts import Earlier, Report
from resonance.streams.report.html import to_html
from resonance.streams.report.markdown import to_markdown
from support.log_events import Build
from support.past import STREAM, replayed, scripted_log

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m{{ 7*7 }}|**b**"


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report(replayed(), STREAM)


def test_the_first_sentence_says_what_went_wrong_where_and_when(report):
    first = report.what_happened[0]
    assert first.numbers["market"] == "DE"
    assert report.started_at_ms < first.numbers["since_ms"] <= report.ended_at_ms
    assert "negative" in first.text
    assert report.what_happened[1].numbers["topic"] == "customs_tax"


def test_every_number_in_a_sentence_stands_behind_it(report):
    for sentence in report.what_happened:
        assert sentence.numbers, sentence.text
        for number in ("count", "complaints", "orders", "clusters", "answered", "questions"):
            if isinstance(value := sentence.numbers.get(number), int):
                assert f"{value:,}" in sentence.text


def test_a_calm_stream_is_told_to_be_calm():
    calm = tuple(
        replace(event, sentiment=Sentiment(0.0, 1.0, 0.0), signals=(), friction=())
        if isinstance(event, ScoredComment)
        else event
        for event in scripted_log()
    )
    report = build_report(replayed(calm), STREAM)
    assert report.pages.today == report.pages.usual == []
    assert report.moments == []
    assert "No minute" in report.what_happened[0].text


def test_the_timeline_adds_up_to_the_totals(report):
    [room] = [series for series in report.timeline.series if series.market == "*"]
    assert sum(room.comments) == report.room["comments"]
    assert sum(room.orders) == report.room["orders"]
    for market in report.markets:
        for series in report.timeline.series:
            if series.market == market.market:
                assert sum(series.comments) == market.summary["comments"]


def test_moments_show_unlike_comments_and_nobodys_name(report):
    assert report.moments[0].market == "DE"
    for moment in report.moments:
        texts = [quote.text for quote in moment.quotes]
        assert len(texts) == len(set(texts))
    told = msgspec.json.encode(report).decode() + to_html(report, build="b")
    viewers = {event.viewer for event in scripted_log() if isinstance(event, ScoredComment)}
    assert not [viewer for viewer in viewers if viewer in told]


def test_friction_comes_with_the_rule_of_the_market_and_its_source(report):
    found = report.friction[0]
    assert (found.market, found.category) == ("DE", "customs_regulation")
    assert found.rule_id
    assert found.source
    assert found.lift > 2


def test_unanswered_questions_are_listed_by_how_often_they_were_asked(report):
    asks = [one.asks for one in report.questions.unanswered]
    assert asks == sorted(asks, reverse=True)
    assert all(one.outcome != "answered" for one in report.questions.unanswered)
    left = report.questions.unanswered_left_out + len(asks)
    assert report.questions.clusters == report.questions.answered + left


def test_the_same_log_gives_the_same_bytes(report):
    again = build_report(replayed(), STREAM)
    assert msgspec.json.encode(again) == msgspec.json.encode(report)
    assert to_html(again, build="b") == to_html(report, build="b")
    assert to_html(report, build="b").replace("b", "") == to_html(report, build="").replace("b", "")


def test_the_page_is_one_small_file_that_asks_for_nothing(report):
    page = to_html(report, build="b")
    assert len(page.encode()) < 1_500_000
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "url(" not in page
    assert "@import" not in page


def hostile_log():
    for event in scripted_log():
        if isinstance(event, ScoredComment):
            yield replace(event, text=HOSTILE)
        elif isinstance(event, LoggedStage):
            product = HOSTILE if event.product else None
            yield replace(event, product=product, text=event.text and HOSTILE)
        else:
            yield event


def test_hostile_words_stay_text():
    report = build_report(replayed(tuple(hostile_log())), STREAM)
    page = to_html(report, build=HOSTILE)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page  # Never evaluated.
    assert "\u202e" not in page
    assert "\x1b" not in page
    noted = to_markdown(report, build=HOSTILE)
    assert "<script" not in noted
    assert not re.search(r"(?<!\\)\*\*b", noted)
    assert "\u202e" not in noted


def test_markdown_has_the_same_facts(report):
    noted = to_markdown(report, build="b")
    for sentence in report.what_happened:
        digits = re.findall(r"\d+", sentence.text)
        assert all(digit in noted for digit in digits)
    assert "## The worst moments" in noted


def test_earlier_streams_and_returned_viewers_are_shown_where_they_are_known(report):
    before = Earlier("last-week", 1_763_000_000_000, 900, 300, 0.08, 40, 0.5)
    comments = [event for event in scripted_log() if isinstance(event, ScoredComment)]
    regulars = {(c.viewer_epoch, c.viewer) for c in comments if c.role == "viewer"}
    known = build_report(replayed(seen_before=regulars), STREAM, earlier=[before])
    assert "last-week" in to_html(known, build="b")
    assert f"{known.room['commenters']} had been at an earlier stream" in to_html(known, build="b")
    assert "earlier stream" not in to_html(report, build="b")


def test_the_four_v_stand_in_every_form_and_find_the_market_in_trouble(report):
    values = {board.market: board.four[2].score for board in report.scoreboards}
    assert report.scoreboards[0].market == "*"
    assert min(values, key=lambda market: values[market].at) == "DE"
    for told in (to_html(report, build="b"), to_markdown(report, build="b")):
        assert "The four V" in told
        assert "Vibration" in told
        assert f"{values['DE'].low:.0f} to {values['DE'].high:.0f}" in told
    assert "of these, customs tax" in to_html(report, build="b")


def test_a_v_without_evidence_says_so_instead_of_a_number():
    build = Build()
    said = [build.comment(str(n), 10 + n, viewer=f"{n:016x}") for n in range(10)]
    few = (build.stage("started", 0), *said, build.stage("ended", 60), *build.ticks(600))
    report = build_report(replayed(few), "live")
    assert {v.score for board in report.scoreboards for v in board.four} == {None}
    assert "too little evidence" in to_html(report, build="b")
    assert "too little evidence" in to_markdown(report, build="b")


def test_two_streams_are_held_against_each_other_and_chance_is_told_apart():
    calm = tuple(
        replace(event, stream="calm", id=f"calm-{event.id}", sentiment=Sentiment(0.0, 1.0, 0.0))
        if isinstance(event, ScoredComment)
        else replace(event, stream="calm", id=f"calm-{event.id}")
        for event in scripted_log()
    )
    both = replayed(scripted_log(), tuple(moved(calm)))
    report = build_report(both, STREAM, against="calm")
    negative = {found.market: found for found in report.differences if found.measure == "negative"}
    assert negative["DE"].apart
    assert negative["DE"].other.value == 0.0
    same = [found for found in report.differences if found.measure == "question"]
    assert not any(found.apart for found in same)
    assert "Held against calm" in to_html(report, build="b")


def moved(log):
    """Give the events places of their own, behind those of another stream."""
    for event in log:
        place = replace(event.place, offset=event.place.offset + 1_000_000)
        yield replace(event, place=place)


def test_a_stream_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(NoSuchStreamError, match=STREAM):
        build_report(replayed(), "nowhere")
