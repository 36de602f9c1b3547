"""The whole board over an embedded broker: what is served, when, and to whom."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace

from resonance.agents.board.service import Board, serve_board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.privacy.erased import add_erasures
from resonance.agents.settings import Settings
from resonance.streams.erasure import Erasure
from support.board_feed import START_MS, Feed, comment, key_of, room, row, unused_port

OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture
def settings() -> Iterator[Settings]:
    with EmbeddedBroker() as broker:
        yield broker.settings(Settings(board_port=0))


@pytest.fixture
def feed(settings: Settings) -> Feed:
    return Feed(settings.broker)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def board(settings: Settings) -> AsyncIterator[Board]:
    board = Board(settings)
    await board.start()
    yield board
    await board.stop()


async def text_of(session: ClientSession, url: str, **headers: str) -> str:
    async with session.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def until_shown(session: ClientSession, url: str, wanted: str) -> str:
    async with asyncio.timeout(20):
        while wanted not in (text := await text_of(session, url)):
            await asyncio.sleep(0.05)
    return text


async def test_a_restarted_board_shows_the_totals_at_once(settings, feed, session):
    feed.put_row(room(comments=2), row(comments=2, sentiment={"negative": 2}))
    for _ in range(2):
        board = Board(settings)
        await board.start()
        text = await text_of(session, f"{board.url}/metrics")
        await board.stop()
        assert 'comments_total{market="DE",sentiment="negative",stream="s1"} 2.0' in text


async def test_only_the_newest_row_counts_and_bad_records_are_counted(
    settings, feed, board, session
):
    feed.put_row(room())
    feed.put_row(row(comments=5), upto=9)
    feed.put_row(row(comments=4), upto=8)
    feed.put("windows", "nonsense", b"{}", upto="10")
    feed.put("windows", "s1|DE|total", b"\xff", upto="11")
    feed.put("windows", key_of(row()), b"{}")  # Without the offset nobody can say if it is newer.
    feed.put("windows", key_of(row()), b"{}", upto="soon")
    text = await until_shown(session, f"{board.url}/metrics", 'rows_total{outcome="invalid"} 4.0')
    assert 'rows_total{outcome="stale"} 1.0' in text
    assert board.state.streams["s1"].totals["DE"].row.comments == 5


async def test_the_api_tells_streams_and_one_stream(feed, board, session):
    feed.put_row(room(stream="live|1/2"), row(stream="live|1/2", comments=3))
    listed = json.loads(await until_shown(session, f"{board.url}/api/streams", '"markets":1'))
    assert [stream["stream"] for stream in listed] == ["live|1/2"]
    one = json.loads(await text_of(session, f"{board.url}/api/streams/live%7C1%2F2"))
    assert one["markets"][0]["comments"] == 3
    async with session.get(f"{board.url}/api/streams/none") as answer:
        assert answer.status == 404


async def test_the_feed_tells_what_changed_and_the_time(feed, board, session):
    async with session.get(f"{board.url}/live") as answer:
        lines = answer.content
        assert await lines.readline() == b"retry: 2000\n"
        seen = [await lines.readline() for _ in range(6)]
        assert seen[1] == b"event: clock\n"
        assert json.loads(seen[4].removeprefix(b"data: ")) == {
            "streams": [],
            "stream": None,
            "alerts": {"known": None, "on": []},
        }
        feed.put_row(room(), row())
        feed.put_event(comment("<script>alert(1)</script>"))
        async with asyncio.timeout(20):
            while b"alert" not in (line := await lines.readline()):
                pass
        told = json.loads(line.removeprefix(b"data: "))
        [latest] = told["stream"]["markets"][0]["latest"]
        assert latest["text"] == "<script>alert(1)</script>"


async def test_comments_are_in_no_metric(feed, board, session):
    feed.put_row(room(), row())
    feed.put_event(comment("a secret"))
    await until_shown(session, f"{board.url}/metrics", 'market="DE"')
    async with asyncio.timeout(20):
        while not board.comments.version:
            await asyncio.sleep(0.05)
    assert "secret" not in await text_of(session, f"{board.url}/metrics")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
        ("text/plain; version=nonsense", "text/plain; version=0.0.4"),
        ("text/plain; version=1.0.0; escaping=nonsense", "text/plain; version="),
        ("application/openmetrics-text; version=é", "text/plain; version=0.0.4"),
    ],
)
async def test_metrics_come_in_the_format_that_was_asked_for(board, session, accept, content_type):
    async with session.get(f"{board.url}/metrics", headers={"Accept": accept}) as answer:
        assert answer.headers["Content-Type"].startswith(content_type)
        assert (await answer.text()).endswith("# EOF\n") == ("openmetrics" in content_type)


@pytest.mark.parametrize("path", ["/", "/app.js", "/style.css", "/api/streams", "/metrics", "/no"])
async def test_nothing_is_cached_and_only_our_own_files_may_run(board, session, path):
    async with session.get(board.url + path) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:80", 200), ("127.0.0.1", 200), ("[::1]:9", 200), ("evil.test", 403), ("", 403)],
)
async def test_a_strange_name_for_this_machine_is_refused(board, session, host, status):
    async with session.get(f"{board.url}/healthz", headers={"Host": host}) as answer:
        assert answer.status == status


async def test_only_reading_is_possible(board, session):
    async with session.post(f"{board.url}/api/streams") as answer:
        assert answer.status == 405


async def test_until_everything_is_read_only_healthz_answers(session):
    port = unused_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # Takes connections, says nothing.
        broker = f"127.0.0.1:{silent.getsockname()[1]}"
        starting = asyncio.create_task(Board(Settings(broker=broker, board_port=port)).start())
        async with asyncio.timeout(20):
            while not await _answers(session, port):
                await asyncio.sleep(0.02)
        for path in ("/metrics", "/", "/readyz", "/live", "/api/streams"):
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert (path, answer.status) == (path, 503)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    assert not await _answers(session, port)  # Whoever gave up left no port behind.


async def _answers(session: ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            return answer.status == 200
    except OSError:
        return False


async def test_without_a_broker_the_message_says_what_to_do():
    board = Board(Settings(broker=f"127.0.0.1:{unused_port()}", board_port=0))
    with pytest.raises(ServiceUnreachable, match="RESONANCE_BROKER"):
        await board.start()


async def test_a_taken_port_is_named(board, settings):
    port = int(board.url.rpartition(":")[2])
    again = Board(Settings(broker=settings.broker, board_port=port))
    with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port}.*--port"):
        await again.start()


async def test_open_pages_do_not_hold_up_the_end(settings, session):
    stop, ready = asyncio.Event(), asyncio.Event()
    urls: list[str] = []
    serving = asyncio.create_task(serve_board(settings, stop=stop, ready=ready, opened=urls.append))
    await ready.wait()
    async with session.get(f"{urls[0]}/live") as answer:
        await answer.content.readline()
        stop.set()
        async with asyncio.timeout(20):
            await serving


async def test_a_page_too_many_is_asked_to_come_back(board, session):
    board._feed.clients = 100  # noqa: SLF001 - a hundred browsers are too many for a test.
    async with session.get(f"{board.url}/live") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


async def test_an_erased_viewer_is_shown_no_more_and_the_numbers_stand(
    settings, feed, session, tmp_path
):
    path = tmp_path / "erased.jsonl"
    board = Board(replace(settings, erased_viewers_file=path))
    await board.start()
    evidence = f"{board.url}/api/evidence?stream=s1&from_ms={START_MS}&to_ms={START_MS + 60_000}"
    try:
        feed.put_row(room(comments=2), row(comments=2))
        await until_shown(session, f"{board.url}/api/streams", "s1")
        feed.put_event(comment("from Ann", viewer="a1"), comment("from Bob", viewer="b2"))
        await until_shown(session, evidence, "from Bob")
        assert "from Ann" in await text_of(session, evidence)
        add_erasures(path, [Erasure(viewer="a1", epoch="e", erased_at_ms=1)])
        board.hide_erased()  # It looks by itself every two seconds.
        assert "from Ann" not in await text_of(session, evidence)
        feed.put_event(comment("Ann again", viewer="a1"), comment("Bob again", viewer="b2"))
        shown = await until_shown(session, evidence, "Bob again")
        assert "Ann again" not in shown
        assert '"comments":2' in await text_of(session, f"{board.url}/api/streams/s1")
    finally:
        await board.stop()


async def test_a_damaged_list_of_erased_viewers_lets_no_board_open(settings, tmp_path):
    path = tmp_path / "erased.jsonl"
    path.write_text("not json\n")
    with pytest.raises(UsageError, match="line 1"):
        Board(replace(settings, erased_viewers_file=path))
