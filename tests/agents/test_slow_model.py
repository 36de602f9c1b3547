"""A model too slow for what comes: a lower tier scores the rest, and the group never notices."""

import asyncio
import logging
import time
from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace

from resonance.agents.app import build_app
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.overload import BudgetedScorer
from resonance.agents.scoring import Scoring
from resonance.agents.settings import Settings
from resonance.sentiment.score import Scorer
from resonance.sentiment.sentiment_model import Probabilities
from resonance.streams.events import Comment, Versions
from resonance.streams.scoring import ScoringHop
from support.engine import VIEWER_KEY, produce, read, story, wait_until


class Sleepy:
    """A model that takes a fifth of a second for whatever it is given."""

    version = "sleepy"

    def probabilities(self, texts: Sequence[str]) -> list[Probabilities]:
        time.sleep(0.2)
        return [Probabilities(0.0, 0.0, 1.0)] * len(texts)


async def test_a_slow_model_sheds_loses_nothing_and_causes_no_rebalance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    told = [
        one._replace(event=replace(one.event, text=f"new words {chr(97 + n % 26) * (n % 90 + 1)}"))
        if isinstance(one.event, Comment)
        else one
        for n, one in enumerate(story("flood", 2_000))
    ]
    with EmbeddedBroker() as broker:
        settings, metrics = broker.settings(Settings()), WorkerMetrics()
        slow = BudgetedScorer(Scorer(sentiment_model=Sleepy()), 0.5, metrics)
        hop = ScoringHop(slow, VIEWER_KEY, Versions("1", "sleepy", "0"))
        world = KafkaWorld(settings)
        app = build_app(
            settings, [Scoring(settings, assumed_topology(settings), hop, metrics, world)]
        )
        await app.start()
        try:
            await asyncio.to_thread(produce, settings, told)
            await asyncio.to_thread(
                wait_until, lambda: len(logged(settings)) == len(told), "all to be scored"
            )
        finally:
            await app.stop()
        records = logged(settings)
    scorers = [r["scorer"] for r in records if r["kind"] == "comment"]
    shed = metrics.registry.get_sample_value("resonance_shed_total")
    difference = metrics.registry.get_sample_value(
        "resonance_conservation_difference", {"hop": "scoring"}
    )
    assert len(records) == len(told)
    assert {"model", "fast"} <= set(scorers)
    assert shed == len([scorer for scorer in scorers if scorer != "model"]) > 0
    assert difference == 0
    joined = [r for r in caplog.records if "goes on with" in r.getMessage()]
    assert len(joined) == 1, "partitions were taken once: heartbeats went on"


def logged(settings: Settings) -> list[dict[str, object]]:
    """What stands in `events` but for ticks."""
    records = [msgspec.json.decode(m.value() or b"{}") for m in read(settings, "events")]
    return [record for record in records if record["kind"] != "tick"]
