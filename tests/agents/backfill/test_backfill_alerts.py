"""What would have fired is backfilled as what fires, and is never mistaken for it."""

from pathlib import Path
from types import MappingProxyType

import pytest
import yaml

from resonance.agents.backfill.alerts import ALERT, alert_series
from resonance.agents.backfill.openmetrics import openmetrics
from resonance.agents.backfill.series import Sample
from resonance.agents.board.floors import AlertFloors
from resonance.streams.windows import WindowRow, encode_row, window_key

RULES = Path(__file__).parents[3] / "deploy/prometheus/rules/sentiment.yml"
T0_MS = 1_700_000_000_000
SPIKE = range(30, 48)  # Buckets of ten seconds.
BUCKETS = 90


def angry_stream(*, buckets: int = BUCKETS, share: float = 0.6) -> dict[str, bytes]:
    """Two markets with 20 comments a bucket, of which DE is angry for three minutes."""
    rows = []
    for bucket in range(buckets):
        for market in ("DE", "US"):
            negative = round(20 * share) if market == "DE" and bucket in SPIKE else 1
            rows.append(
                WindowRow(
                    stream="s",
                    market=market,
                    start_ms=T0_MS + bucket * 10_000,
                    comments=20,
                    sentiment={"negative": negative, "positive": 20 - negative},
                    authors={"1m": {"negative": 9}, "3m": {"negative": 9}},
                )
            )
    return {window_key(r.stream, r.market, r.start_ms): encode_row(r) for r in rows}


def test_a_spike_fires_in_its_market_alone_as_long_as_the_rule_keeps_it():
    ((key, samples),) = alert_series(angry_stream(), AlertFloors(), "again").items()

    assert key.family == "ALERTS"
    assert dict(key.labels) == {**ALERT, "stream": "s", "market": "DE", "replay": "again"}
    begin_s, end_s = ((sample.at_ms - T0_MS) // 1000 for sample in (samples[0], samples[-1]))
    assert 300 < begin_s <= 340  # Within 40 s of anger.
    assert end_s >= 480 + 180  # `keep_firing_for: 3m`.
    assert [at for at, _ in samples] == list(range(samples[0].at_ms, samples[-1].at_ms + 1, 10_000))
    assert {value for _, value in samples} == {1.0}


def test_nothing_fires_beyond_the_streams_end():
    ((_, samples),) = alert_series(angry_stream(buckets=50), AlertFloors(), "again").items()
    assert samples[-1] == Sample(T0_MS + 500_000, 1.0)


def test_a_quiet_stream_has_no_such_series_and_a_higher_floor_silences_it():
    assert not alert_series(angry_stream(share=0.05), AlertFloors(), "again")
    assert not alert_series(angry_stream(), AlertFloors(everywhere=0.9), "again")
    of_its_own = AlertFloors(by_market=MappingProxyType({"DE": 0.9}))
    assert not alert_series(angry_stream(), of_its_own, "again")


def test_without_a_label_of_its_own_it_is_refused():
    with pytest.raises(ValueError, match="a label that tells them"):
        alert_series(angry_stream(), AlertFloors(), "")


def test_the_labels_are_those_of_the_rule():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    (rule,) = (rule for rule in rules if rule["alert"] == ALERT["alertname"])
    assert {**rule["labels"], "alertname": rule["alert"], "alertstate": "firing"} == ALERT


def test_it_goes_out_under_its_own_name():
    text = openmetrics(alert_series(angry_stream(), AlertFloors(), "again"))
    assert text.count(b"\nALERTS{") > 10
    assert b'alertstate="firing"' in text
