"""From angry comments to a page, through every real part, with the committed rules and routes.

Two minutes of two streams; bench/paging.py plays twenty minutes of two dozen.
"""

import asyncio
from contextlib import suppress
from random import Random

from confluent_kafka import Producer

from support.audience import TOPIC, Audience, Episode, Spike, Stream, sorted_texts
from support.paging import Told, chat, paging_stack
from support.servers import real_servers_required

SPIKE = "alertname=ResonanceNegativeSentimentSpike"
SECONDS = 100.0
MARKETS = {"DE": 200.0, "US": 60.0, "JP": 6.0}
HARMLESS = [Episode("giveaway", 10, 40, 4.0), Episode("vote", 45, 65, 3.0)]


async def test_anger_in_one_market_pages_once_with_its_topic_and_three_comments(cluster, tmp_path):
    real_servers_required("prometheus", "prometheus-alertmanager")
    settings = cluster()
    angry = Stream("angry", MARKETS, spike=Spike("angry", "DE", 15.0, SECONDS))
    audience = Audience([angry, Stream("calm", MARKETS, HARMLESS)], sorted_texts(), Random(7))
    producer = Producer({"bootstrap.servers": settings.broker, "log_level": 0})
    prefix = settings.topic_prefix
    async with paging_stack(tmp_path, settings.broker, RESONANCE_TOPIC_PREFIX=prefix) as (
        _stack,
        hook,
    ):
        chatting = asyncio.create_task(chat(audience, producer, SECONDS, prefix))
        told = await hook.until(_is_spike, SECONDS)
        assert told, "nobody was paged"
        page = told.page
        assert (page["stream"], page["market"]) == ("angry", "DE")
        assert "DE" in page["summary"]
        assert page["topics"][0].startswith(TOPIC)
        assert len({quote["text"] for quote in page["quotes"]}) == 3
        # A while longer, with the other stream's votes: nothing repeats, and nothing else pages.
        with suppress(TimeoutError):
            await asyncio.wait_for(chatting, 25)
        assert [one.page for one in hook.told if _is_of_the_audience(one)] == [page]


def _is_spike(told: Told) -> bool:
    return told.is_page("begun") and SPIKE in told.page["key"]


def _is_of_the_audience(told: Told) -> bool:
    return told.is_page("begun") and "team=live-ops" in told.page["key"]
