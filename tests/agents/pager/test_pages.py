"""What each receiver gets, and when an alert has got worse."""

import pytest

from resonance.agents.pager.alerts import Alert, decode_delivery
from resonance.agents.pager.board import Evidence, Found, Quote, chosen, evidence_query
from resonance.agents.pager.memory import WORSE_AFTER_MS, Event, Memory
from resonance.agents.pager.page import page_of
from resonance.agents.pager.receivers import mail, pagerduty_body, slack_body

BODY = b"""{"alerts": [{"status": "%s",
 "labels": {"alertname": "X", "stream": "s|1", "market": "DE", "severity": "page"},
 "annotations": {"summary": "A\\nspike", "value": "%s", "signal": "negative",
                 "runbook": "deploy/runbook.md#x"},
 "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]}"""
SAID = Quote(at_ms=1, language="de", text="<!channel> & weg", topics=("price",), author=1)


def alert(status: str = "firing", value: str = "0.4") -> Alert:
    return decode_delivery(BODY % (status.encode(), value.encode())).alerts[0]


def page(event: Event = Event.BEGUN):
    found = Found(matching=1, authors=1, topics={"price": 1}, comments=[SAID])
    return page_of(
        alert(),
        event,
        Evidence(found),
        now_ms=1_767_225_700_000,
        board_url="http://board",
        runbook_url="https://docs.example/runbook",
    )


def test_what_people_wrote_is_no_markup_in_slack():
    text = slack_body(page())["text"]
    assert "&lt;!channel&gt; &amp; weg" in text
    assert "<" not in text


def test_the_end_of_an_alert_resolves_the_incident_that_its_beginning_made():
    begun, over = (pagerduty_body("key", page(event)) for event in (Event.BEGUN, Event.OVER))
    assert begun["event_action"] == "trigger"
    assert over["event_action"] == "resolve"
    assert begun["dedup_key"] == over["dedup_key"]


def test_a_summary_with_a_line_break_is_one_subject():
    assert mail(page(), "a@example.com", "b@example.com")["Subject"] == "A spike"


def test_links_lead_to_the_minutes_of_the_alert_and_to_its_heading():
    lines = page().lines
    assert any("stream=s%7C1&market=DE&" in line for line in lines)
    assert lines[-1] == "Runbook: https://docs.example/runbook#x"


@pytest.mark.parametrize(
    ("value", "after_ms", "told"),
    [
        ("0.61", WORSE_AFTER_MS, Event.WORSE),
        ("0.61", WORSE_AFTER_MS - 1, None),
        ("0.59", WORSE_AFTER_MS, None),
        ("no number", WORSE_AFTER_MS, None),
    ],
)
def test_it_is_told_again_when_it_is_half_again_as_bad(value, after_ms, told):
    memory = Memory()
    memory.told(alert(value="0.4"), 0)
    assert memory.event(alert(value=value), after_ms) is told


def test_the_end_of_what_nobody_heard_of_is_not_told():
    assert Memory().event(alert("resolved"), 0) is None


def test_complaints_are_asked_for_by_their_topic_and_friction_by_its_category():
    labels = {"stream": "s1", "topic": "price", "category": "hard_sell"}
    asked = evidence_query(
        Alert("firing", labels, {"signal": "complaint"}, alert().starts_at, alert().ends_at), 10**12
    )
    assert asked["topic"] == "price"
    assert asked["friction"] == "hard_sell"
    assert asked["signal"] == "complaint"
    assert "sentiment" not in asked


def test_one_loud_voice_is_quoted_alone_only_when_it_is_alone():
    loud = [Quote(at_ms=n, language="en", text=f"no {n}", author=1) for n in range(5)]
    other = Quote(at_ms=0, language="en", text="me too", author=2)
    alone = Found(matching=5, authors=1, topics={}, comments=loud)
    assert [quote.author for quote in chosen(alone)] == [1, 1, 1]
    both = Found(matching=6, authors=2, topics={}, comments=[*loud, other])
    assert {quote.author for quote in chosen(both)} == {1, 2}
