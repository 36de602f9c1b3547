"""The pager runs as users run it; the board it asks is the real one; what it sends is caught."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.errors import UsageError
from resonance.agents.pager.service import serve_pager
from resonance.agents.settings import Settings
from resonance.sentiment.scores import Sentiment
from support.board_feed import Feed, comment, room, row

NOBODY_LISTENS = "http://127.0.0.1:9"
ANGRY = ("das Paket kommt nie an <b>", "Versand dauert ewig", "wo bleibt mein Paket")


def delivery(status: str = "firing", value: str = "0.4000", **labels: str) -> dict:
    """Return what Alertmanager sends about one spike."""
    began = time.time() - 30
    return {
        "version": "4",
        "groupKey": "g",
        "alerts": [
            {
                "status": status,
                "labels": {
                    "alertname": "ResonanceNegativeSentimentSpike",
                    "stream": "s1",
                    "market": "DE",
                    "severity": "page",
                    **labels,
                },
                "annotations": {
                    "summary": "Negative sentiment spike in DE on stream s1",
                    "description": "At least 40 % of the comments are negative for sure.",
                    "value": value,
                    "signal": "negative",
                    "runbook": "deploy/runbook.md#resonancenegativesentimentspike",
                },
                "startsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": "f",
            }
        ],
    }


@asynccontextmanager
async def a_pager(folder, **changes):
    """Yield a function that posts to a running pager, and the list of what a receiver got."""
    got: list[dict] = []
    answers: list[int] = []

    async def catch(request):
        if answers:
            return web.Response(status=answers.pop())
        got.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", catch)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    secret = folder / "url"
    secret.write_text(f"http://127.0.0.1:{runner.addresses[0][1]}/\n")
    stop, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
    fields = {"pager_port": 0, "pager_board_url": NOBODY_LISTENS, "pager_webhook_url_file": secret}
    serving = asyncio.create_task(
        serve_pager(
            Settings(**(fields | changes)),
            stop=stop,
            opened=lambda url, names: opened.set_result(url),
        )
    )
    url = await opened
    async with ClientSession() as session:

        async def post(body, path="/alerts", **headers):
            async with session.post(url + path, json=body, headers=headers) as answer:
                return answer.status

        yield post, got, answers
    stop.set()
    await serving
    await runner.cleanup()


async def test_a_page_names_topic_and_three_comments_of_different_people(tmp_path):
    with EmbeddedBroker() as broker:
        board = Board(broker.settings(Settings(board_port=0)))
        await board.start()
        now_ms = time.time_ns() // 1_000_000
        feed = Feed(broker.address)
        bucket_ms = now_ms // 10_000 * 10_000 - 10_000
        mood = {"negative": 30, "positive": 30}
        feed.put_row(room(started_at_ms=now_ms - 600_000, watermark_ms=now_ms - 3_000))
        feed.put_row(row(comments=60, sentiment=mood))
        feed.put_row(row(start_ms=bucket_ms, comments=60, sentiment=mood))
        for number, text in enumerate(ANGRY * 2):
            feed.put_event(
                comment(
                    text,
                    id=f"c{number}",
                    viewer=f"00000000000000a{number % 4}",
                    language="de",
                    sentiment=Sentiment(0.9, 0.1, 0.0),
                    topics=("shipping",),
                    signals=("complaint",),
                    occurred_at_ms=now_ms - 5_000 - number,
                    ingested_at_ms=now_ms,
                )
            )
        feed.put_event(comment("super", occurred_at_ms=now_ms - 5_000))
        try:
            async with asyncio.timeout(30), ClientSession() as session:
                while True:
                    query = f"{board.url}/api/evidence?stream=s1&from_ms={now_ms - 60_000}"
                    async with session.get(query) as answer:
                        if answer.status == 200 and (await answer.json())["found"]["matching"] == 7:
                            break
                    await asyncio.sleep(0.1)
            async with a_pager(tmp_path, pager_board_url=board.url) as (post, got, _):
                assert await post(delivery()) == 200
        finally:
            await board.stop()
    (page,) = got
    assert page["topics"] == ["shipping (6)"]
    assert sorted(quote["text"] for quote in page["quotes"]) == sorted(ANGRY)
    assert {quote["language"] for quote in page["quotes"]} == {"de"}
    assert page["share"] == "Negative: 50% of 60 comments in 3 min (95 % sure: 38% to 62%)"
    assert "/evidence?stream=s1&market=DE&" in page["evidence_url"]
    assert page["runbook_url"].endswith("#resonancenegativesentimentspike")
    assert "00000000000000a" not in str(page)  # No viewer.


async def test_without_the_board_the_page_is_sent_and_says_so(tmp_path):
    async with a_pager(tmp_path) as (post, got, _):
        assert await post(delivery()) == 200
    assert got[0]["quotes"] == []
    assert "Without comments: the board does not answer." in got[0]["text"]


async def test_people_hear_of_an_alert_when_it_begins_and_when_it_is_over(tmp_path):
    async with a_pager(tmp_path) as (post, got, _):
        for _ in range(3):
            assert await post(delivery()) == 200
        assert await post(delivery(value="0.4500")) == 200  # Hardly worse.
        assert await post(delivery("resolved")) == 200
        assert await post(delivery("resolved")) == 200
    assert [page["event"] for page in got] == ["begun", "over"]
    assert got[1]["title"].startswith("Over: ")


async def test_a_page_that_nobody_took_is_sent_again(tmp_path):
    async with a_pager(tmp_path) as (post, got, answers):
        answers.append(500)
        assert await post(delivery()) == 503
        assert got == []
        assert await post(delivery()) == 200
    assert len(got) == 1


async def test_only_who_shows_the_token_may_page(tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    async with a_pager(tmp_path, pager_token_file=token) as (post, got, _):
        assert await post(delivery()) == 401
        assert await post(delivery(), Authorization="Bearer other") == 401
        assert await post({}, "/heartbeat") == 401
        assert await post(delivery(), Authorization="Bearer s3cret") == 200
        assert await post({"alerts": [{"status": "odd"}]}, Authorization="Bearer s3cret") == 400
    assert len(got) == 1


async def test_a_watchdog_that_falls_silent_is_told_and_so_is_its_return(tmp_path):
    async with a_pager(tmp_path, pager_silence_seconds=1.0) as (post, got, _):
        async with asyncio.timeout(30):
            while not got:
                await asyncio.sleep(0.1)
            while len(got) < 2:
                assert await post({}, "/heartbeat") == 200
                await asyncio.sleep(0.2)
    assert [page["event"] for page in got[:2]] == ["begun", "over"]
    assert "watchdog" in got[0]["summary"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "nobody would be told"),
        ({"pager_host": "0.0.0.0", "pager_mail_to": "a@b.example"}, "pager_token_file"),
    ],
)
async def test_a_pager_that_could_tell_nobody_or_hears_anybody_does_not_start(changes, said):
    with pytest.raises(UsageError, match=said):
        await serve_pager(
            Settings(pager_port=0, **changes), stop=asyncio.Event(), opened=lambda *_: None
        )
