"""Alertmanager's answer -> the alerts on the page; silence is never taken for calm."""

import json

import pytest

from resonance.agents.board.alerts import Alerts, AlertWatch, alerts_of

SPIKE = {
    "labels": {
        "alertname": "ResonanceNegativeSentimentSpike",
        "severity": "page",
        "stream": "s1",
        "market": "DE",
        "pod": "elsewhere",
    },
    "annotations": {"summary": "Negative sentiment spike in DE", "secret": "x"},
    "startsAt": "2026-11-29T12:00:00.000Z",
    "status": {"state": "active", "silencedBy": []},
}


def alert(name: str, **labels: str) -> dict[str, object]:
    return {**SPIKE, "labels": {"alertname": name, **labels}}


def told(*alerts: object) -> Alerts:
    return alerts_of(json.dumps(alerts).encode())


def test_an_alert_says_what_where_and_since_when():
    [found] = told(SPIKE).on
    assert (found.name, found.stream, found.market) == (
        "ResonanceNegativeSentimentSpike",
        "s1",
        "DE",
    )
    assert found.since_ms == 1_795_953_600_000
    assert not found.held_back


def test_pages_stand_before_tickets_and_others_alerts_are_not_ours():
    names = [
        one.name
        for one in told(
            alert("ResonanceQuestionBacklog", severity="ticket"),
            alert("NodeDown", severity="page"),
            alert("ResonanceWatchdog", severity="none"),
            SPIKE,
        ).on
    ]
    assert names == ["ResonanceNegativeSentimentSpike", "ResonanceQuestionBacklog"]


def test_what_nobody_is_told_is_marked():
    [found] = told({**SPIKE, "status": {"state": "suppressed"}}).on
    assert found.held_back


@pytest.mark.parametrize("answer", [b"", b"{}", b"<html>", b'[{"labels": 1}]', b"\xff"])
def test_an_answer_that_is_none_means_not_known(answer):
    assert alerts_of(answer) == Alerts(known=False)


async def test_without_an_alertmanager_there_is_nothing_to_know():
    watch = AlertWatch("")
    await watch.follow()
    assert watch.now.known is None


def test_before_the_first_answer_alerts_are_not_known():
    assert AlertWatch("http://127.0.0.1:1").now.known is False
