"""The formulas of a post-mortem and the rule files that Prometheus runs are one and the same."""

from pathlib import Path

import pytest

from resonance.streams.spikes import OURS, USUAL, SpikeRule, pages
from support.backtests import (
    buckets_of,
    events_of,
    pages_every_ten_seconds,
    recordings,
    rows_of,
)
from support.rules import PROJECT, RULES
from support.servers import real_servers_required

SPIKE = "ResonanceNegativeSentimentSpike"
USUAL_FILE = PROJECT / "deploy/prometheus/usual.yml"
STREAMS, SECONDS, SEED = 12, 1_500, 7


@pytest.fixture(scope="module")
def rows():
    real_servers_required("promtool")
    folder = recordings(STREAMS, SECONDS, SEED)
    return [rows_of(events_of(path)) for path in sorted(folder.glob("*.jsonl"))]


@pytest.mark.parametrize(
    ("rule", "rules", "alert"),
    [(OURS, RULES, SPIKE), (USUAL, USUAL_FILE, "UsualNegativeShare")],
    ids=["ours", "usual"],
)
def test_formula_and_rule_page_at_the_same_moments(rows, rule: SpikeRule, rules: Path, alert):
    ours, theirs = [], []
    for of_stream in rows:
        ours += [(p.market, p.since_ms) for p in pages(buckets_of(of_stream), rule)]
        asked = pages_every_ten_seconds(of_stream, rules, alert)
        theirs += [(p.market, p.since_ms) for p in asked]
    assert len(ours) >= 3, "recordings in which nothing pages show nothing"
    assert theirs == ours
