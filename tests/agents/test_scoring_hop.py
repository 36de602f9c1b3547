"""The scoring hop between its topics, on the embedded broker: polls in, events and dead letters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from resonance.agents.app import build_app
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.overload import BudgetedScorer
from resonance.agents.scoring import Scoring
from resonance.agents.settings import Settings
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.scores import Score
from resonance.streams.events import Comment, Versions
from resonance.streams.scoring import ScoringHop, TextScorer
from support.engine import VIEWER_KEY, Told, produce, read, story, wait_until

VERSIONS = Versions("1", "rules", "0")


class Brittle:
    """A scorer that one text breaks, with all that is scored beside it."""

    def score_all(self, requests: Sequence[Request]) -> list[Score]:
        if any("poison" in request.text for request in requests):
            raise RecursionError(requests)
        return Scorer(tier="rules").score_all(requests)


@asynccontextmanager
async def scoring(
    scorer: Callable[[WorkerMetrics], TextScorer],
) -> AsyncIterator[tuple[Settings, WorkerMetrics]]:
    """Run the hop alone, around a scorer."""
    with EmbeddedBroker() as broker:
        settings, metrics = broker.settings(Settings()), WorkerMetrics()
        hop = ScoringHop(scorer(metrics), VIEWER_KEY, VERSIONS)
        world = KafkaWorld(settings)
        worker = Scoring(settings, assumed_topology(settings), hop, metrics, world)
        app = build_app(settings, [worker])
        await app.start()
        try:
            yield settings, metrics
        finally:
            await app.stop()


async def written(settings: Settings, told: Sequence[Told]) -> list[dict[str, object]]:
    """Produce, wait until as much came out, and return what stands in `events` of it."""

    def outputs() -> list[bytes]:
        return [
            message.value() for topic in ("events", "dead-letters") for message in read_kind(topic)
        ]

    def read_kind(topic: str) -> list[object]:
        return [m for m in read(settings, topic) if b'"kind":"tick"' not in m.value()]

    await asyncio.to_thread(produce, settings, told)
    await asyncio.to_thread(
        wait_until, lambda: len(outputs()) >= len(told), "every record's output"
    )
    return [msgspec.json.decode(message.value()) for message in read_kind("events")]


def counted(metrics: WorkerMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"resonance_{name}", labels)


async def test_one_comment_that_cannot_be_scored_is_a_dead_letter_and_its_poll_goes_on() -> None:
    told = story("live", 20)
    worst = told[7]
    assert isinstance(worst.event, Comment)
    told[7] = worst._replace(event=msgspec.structs.replace(worst.event, text="poison"))
    async with scoring(lambda _: Brittle()) as (settings, metrics):
        events = await written(settings, told)
        [letter] = await asyncio.to_thread(read, settings, "dead-letters")
    assert {event["id"] for event in events} == {one.event.id for one in told} - {worst.event.id}
    shown = msgspec.json.decode(letter.value())
    assert (shown["reason"], shown["at"]) == ("unscorable", "RecursionError")
    assert counted(metrics, "conservation_difference", hop="scoring") == 0


async def test_a_poll_without_time_loses_no_comment_and_says_what_was_shed() -> None:
    told = story("flood", 300)

    def hurried(metrics: WorkerMetrics) -> TextScorer:
        return BudgetedScorer(Scorer(), 0.0, metrics)

    async with scoring(hurried) as (settings, metrics):
        events = await written(settings, told)
    tiers = [event["scorer"] for event in events if event["kind"] == "comment"]
    assert len(tiers) == 300
    assert set(tiers) == {"fast"}
    assert counted(metrics, "shed_total") == 300
    assert counted(metrics, "comments_scored_total", scorer="fast") == 300
