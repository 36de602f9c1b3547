"""The board on a real Kafka: compaction, deletions, times, and a topic that is not there."""

import asyncio
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from resonance.agents.board.service import Board, wall_ms
from resonance.agents.broker.provisioning import provision
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from support.board_feed import Feed, comment, key_of, room, row, unused_port
from support.kafka import KafkaBroker


@dataclass
class Cluster:
    """Topics of one test's own, and a way to fill them."""

    settings: Settings
    feed: Feed


@pytest.fixture
def cluster(kafka_broker: KafkaBroker, request: pytest.FixtureRequest) -> Cluster:
    prefix = f"board-{request.node.name.replace('[', '-').strip(']')[:60]}-"
    settings = Settings(broker=kafka_broker.address, topic_prefix=prefix, board_port=0)
    provision(settings)
    return Cluster(settings, Feed(settings.broker, prefix))


async def test_rows_and_deletions_from_before_the_start_are_read_before_it_opens(cluster):
    for upto in range(1, 40):
        cluster.feed.put_row(row(comments=upto), upto=upto)
    cluster.feed.put_row(room(), room(stream="gone"), row(stream="gone"), upto=40)
    for market in ("*", "DE"):
        gone = row(market, stream="gone")
        cluster.feed.put("windows", key_of(gone), None, upto="41")
    board = Board(cluster.settings)
    await board.start()
    try:
        assert [stream.name for stream in board.state.listed()] == ["s1"]
        assert board.state.streams["s1"].totals["DE"].row.comments == 39
    finally:
        await board.stop()


async def test_comments_of_the_last_minutes_are_there_after_a_restart(cluster):
    cluster.feed.put_event(comment("just now"))
    board = Board(cluster.settings)
    await board.start()
    try:
        async with asyncio.timeout(20):
            while not board.comments.version:
                await asyncio.sleep(0.05)
        [line] = board.comments.latest("s1", "DE", now_ms=wall_ms(), count=5)
        assert line.text == "just now"
    finally:
        await board.stop()


async def test_a_missing_topic_is_named_with_its_remedy(cluster):
    board = Board(replace(cluster.settings, topic_prefix="nowhere-", board_port=unused_port()))
    with pytest.raises(ServiceUnreachable, match=r"nowhere-windows.*resonance topics create"):
        await board.start()


async def test_the_board_goes_on_after_the_broker_was_killed(own_kafka_broker):
    settings = Settings(broker=own_kafka_broker.address, board_port=0)
    provision(settings)
    feed = Feed(settings.broker)
    feed.put_row(room(), row(comments=1))
    board = Board(settings)
    await board.start()
    try:
        own_kafka_broker.kill()
        assert board.state.streams["s1"].totals["DE"].row.comments == 1  # What is known stays.
        await asyncio.to_thread(own_kafka_broker.start)
        Feed(settings.broker).put_row(row(comments=2), upto=2)
        async with asyncio.timeout(60):
            while board.state.streams["s1"].totals["DE"].row.comments != 2:
                await asyncio.sleep(0.1)
    finally:
        await board.stop()
