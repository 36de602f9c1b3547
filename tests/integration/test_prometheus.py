"""A real Prometheus scrapes the real board: counters start at 0, so that increases are seen."""

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from support.board_feed import Feed, room, row
from support.prometheus import prometheus, until_value
from support.servers import real_servers_required

COMMENTS = "sum by (stream, market) (resonance_comments_total)"


async def test_prometheus_sees_a_new_market_from_zero_on(tmp_path):
    real_servers_required("prometheus")
    with EmbeddedBroker() as broker:
        feed = Feed(broker.address)
        board = Board(broker.settings(Settings(board_port=0)))
        await board.start()
        try:
            target = board.url.removeprefix("http://")
            async with prometheus(tmp_path, target) as address:
                await until_value(address, "up", 1)
                feed.put_row(room(), row(comments=40, sentiment={"neutral": 30, "negative": 10}))
                await until_value(address, COMMENTS, 0)  # Once, as for every scraper.
                await until_value(address, COMMENTS, 40)
                grown = "sum(increase(resonance_comments_total[1m])) > bool 30"
                await until_value(address, grown, 1)  # A series born at 40 would show 0.
                await until_value(address, "resonance_stream_live", 1)
        finally:
            await board.stop()
