"""The live page in a real browser, over the real board, fed by rows on a real protocol."""

from collections.abc import AsyncIterator, Iterator

import pytest

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from resonance.sentiment.scores import Sentiment
from resonance.streams.windows import WindowRow
from support.board_feed import START_MS, Feed, comment, room, row
from support.browser import Page, chromium_binary, open_page
from support.servers import skip_or_fail

SCRIPT = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def feed(broker: EmbeddedBroker) -> Feed:
    return Feed(broker.address)


@pytest.fixture
async def board(broker: EmbeddedBroker) -> AsyncIterator[Board]:
    board = Board(broker.settings(Settings(board_port=0)))
    await board.start()
    yield board
    await board.stop()


@pytest.fixture
async def page(board: Board) -> AsyncIterator[Page]:
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    async with open_page() as page:
        await page.open(board.url)
        yield page
        # Whatever else a test looks at: nothing leaves this machine, and nothing goes wrong.
        assert [url for url in page.requests if not url.startswith((board.url, "data:"))] == []
        assert page.complaints == []


def market(name: str, n: int, negative: int, **fields: object) -> list[WindowRow]:
    """Return a market's total, and a last bucket with all of it."""
    sentiment = {"negative": negative, "neutral": n - negative}
    return [
        row(name, comments=n, sentiment=sentiment, **fields),
        row(name, start_ms=START_MS + 110_000, comments=n, sentiment=sentiment),
    ]


def tile(name: str, selector: str) -> str:
    return f"document.querySelector('[data-market={name}] {selector}')?.textContent"


async def test_a_tile_for_each_market_stands_in_the_order_of_trouble(feed, page):
    await page.until("document.querySelector('#notice').textContent.startsWith('Waiting')")
    feed.put_row(room(), *market("US", 500, 10), *market("DE", 200, 80), *market("unknown", 9, 1))
    await page.until("document.querySelectorAll('.tile').length === 3")
    assert await page.evaluate(
        "[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.market)"
    ) == ["DE", "US", "unknown"]
    assert await page.evaluate(tile("DE", ".name")) == "Germany"
    assert await page.evaluate(tile("DE", ".share b")) == "40 %"
    assert "n 200" in await page.evaluate(tile("DE", ".evidence"))
    assert (
        await page.evaluate("document.querySelector('[data-market=DE]').dataset.level") == "alert"
    )


async def test_numbers_on_few_comments_are_faint_and_others_are_not(feed, page):
    feed.put_row(room(), *market("US", 30, 10), *market("DE", 29, 10))
    await page.until("document.querySelectorAll('.tile').length === 2")
    faint = "document.querySelector('[data-market={}] .mood').classList.contains('faint')"
    assert await page.evaluate(faint.format("DE")) is True
    assert await page.evaluate(faint.format("US")) is False


async def test_numbers_move_without_a_reload(feed, page):
    feed.put_row(room(), *market("DE", 10, 1, purchases={"paid": 1}, amount_minor={"EUR": 2_000}))
    await page.until(f"{tile('DE', '.facts')}?.includes('€20')")
    feed.put_row(
        *market("DE", 20, 4, purchases={"paid": 2}, amount_minor={"IDR": 4_000_000_00, "JPY": 500}),
        upto=2,
    )
    await page.until(f"{tile('DE', '.facts')}.includes('IDR\u00a04M + ¥500')")
    assert await page.evaluate(tile("DE", ".share b")) == "20 %"
    assert page.requests.count(page.requests[0]) == 1


async def test_markup_in_a_comment_and_in_names_stays_text(feed, page):
    feed.put_row(
        room(stream=SCRIPT, product=SCRIPT),
        row(stream=SCRIPT, comments=1, sentiment={"neutral": 1}),
    )
    feed.put_event(comment(SCRIPT, stream=SCRIPT, language="ar"))
    await page.until("document.querySelector('.tile .line .text')")
    assert await page.evaluate("document.querySelector('.tile .line .text').textContent") == SCRIPT
    assert await page.evaluate("document.querySelectorAll('main script, img').length") == 0
    assert await page.evaluate("document.title") == f"{SCRIPT} · Resonance"


async def test_mood_is_told_by_symbol_as_well_as_colour_and_the_host_is_marked(feed, page):
    feed.put_row(room(), *market("DE", 3, 1))
    moods = {"▼": Sentiment(0.8, 0.1, 0.1), "●": Sentiment(0, 1, 0), "▲": Sentiment(0.1, 0.1, 0.8)}
    for mark, sentiment in moods.items():
        feed.put_event(comment(mark, sentiment=sentiment))
    feed.put_event(comment("welcome all", role="host"))
    await page.until("document.querySelectorAll('.tile .line').length === 3")
    lines = "[...document.querySelectorAll('.tile .line')]"
    for part in (".mark", ".text"):
        shown = await page.evaluate(f"{lines}.map((l) => l.querySelector('{part}').textContent)")
        assert shown == ["▲", "●", "▼"]
    assert await page.evaluate("document.querySelector('#staff .language').textContent") == "host"


async def test_the_clock_is_red_when_the_stream_is_far_behind_and_calm_when_it_ended(feed, page):
    feed.put_row(room())  # Its watermark is long past.
    await page.until("document.querySelector('#clock').dataset.level === 'behind'")
    feed.put_row(room(ended=True), upto=2)
    await page.until("document.querySelector('#clock').innerText === 'Ended'")
    assert await page.evaluate("document.querySelector('#clock').dataset.level") == "ended"


async def test_pause_holds_the_page_still_and_resume_catches_up(feed, page):
    feed.put_row(room(), *market("DE", 10, 1))
    await page.until("document.querySelectorAll('.tile').length === 1")
    await page.press(" ")
    feed.put_row(*market("US", 10, 1))
    feed.put_row(room(stream="s2", ended=True))
    await page.until("performance.now() - (window.pausedAt ??= performance.now()) > 2500")
    assert await page.evaluate("document.querySelectorAll('.tile').length") == 1
    await page.press(" ")
    await page.until("document.querySelectorAll('.tile').length === 2")


async def test_keys_walk_from_market_to_market(feed, page):
    feed.put_row(room(), *market("DE", 200, 80), *market("US", 100, 1))
    await page.until("document.querySelectorAll('.tile').length === 2")
    focused = "document.activeElement.dataset.market"
    seen = []
    for key in "jjjk":
        await page.press(key)
        seen.append(await page.evaluate(focused))
    assert seen == ["DE", "US", "US", "DE"]


async def test_another_stream_can_be_picked_and_is_kept_in_the_address(feed, page):
    feed.put_row(room(started_at_ms=START_MS + 1), *market("DE", 10, 1))
    feed.put_row(room(stream="s2"), row("BR", stream="s2", comments=4))
    await page.until("document.querySelectorAll('#picker option').length === 2")
    await page.evaluate(
        "(() => { const picker = document.querySelector('#picker'); picker.value = 's2';"
        "picker.dispatchEvent(new Event('change')); })()"
    )
    await page.until("document.querySelector('.tile').dataset.market === 'BR'")
    assert await page.evaluate("location.search") == "?stream=s2"


async def test_the_page_comes_back_by_itself_when_the_board_does(feed, page, board, broker):
    feed.put_row(room(), *market("DE", 10, 1))
    await page.until("document.querySelectorAll('.tile').length === 1")
    port = int(board.url.rpartition(":")[2])
    await board.stop()
    await page.until("document.querySelector('#clock').dataset.level === 'lost'")
    again = Board(broker.settings(Settings(board_port=port)))
    await again.start()
    try:
        await page.until("document.querySelector('#clock').dataset.level === 'behind'")
    finally:
        page.complaints.clear()  # The browser tells of each refused connection; that is fair.
        await again.stop()
        page.complaints.clear()


@pytest.mark.parametrize("width", [360, 1_440])
async def test_nothing_sticks_out_sideways(feed, page, width):
    feed.put_row(room(product="A lamp " * 20), *market("DE", 10, 1), *market("US", 10, 1))
    feed.put_event(comment("w" * 280))
    await page.until("document.querySelector('.tile .line')")
    await page.screenshot(width=width, height=900)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_the_history_marks_trouble_by_shape_as_well_as_colour(feed, page):
    feed.put_row(room(), *market("DE", 200, 80), *market("US", 500, 10), *market("FR", 4, 3))
    await page.until("document.querySelectorAll('#history-rows text.market').length === 3")
    for level, cells in {"alert": 1, "calm": 1, "few": 1, "watch": 0}.items():
        found = f"document.querySelectorAll('#history-rows rect.cell.{level}').length"
        assert await page.evaluate(found) == cells, level
    assert await page.evaluate("document.querySelectorAll('.cell-mark').length") == 1


async def test_alerts_that_cannot_be_asked_for_are_not_taken_for_calm(broker, feed):
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    nobody = "http://127.0.0.1:1"
    board = Board(broker.settings(Settings(board_port=0, alertmanager_url=nobody)))
    await board.start()
    try:
        async with open_page() as page:
            await page.open(board.url)
            feed.put_row(room(), *market("DE", 10, 1))
            await page.until("document.querySelector('#alerts li')?.dataset.severity === 'lost'")
    finally:
        await board.stop()


async def test_the_four_v_of_a_market_say_where_it_is_weak_and_what_that_rests_on(feed, page):
    trouble = {"commenters": 100, "complaint_topics": {"customs_tax": 80}}
    feed.put_row(room(), *market("DE", 200, 20, **trouble), *market("FR", 200, 20, commenters=100))
    await page.until("document.querySelectorAll('.tile').length === 2")
    value = "[data-market={}] .four div:nth-child(3)"
    for name, level in (("DE", "weak"), ("FR", "good")):
        shown = f"document.querySelector('{value.format(name)}')"
        assert await page.evaluate(f"{shown}.dataset.level") == level
        assert await page.evaluate(f"{shown}.querySelector('dt').textContent") == "Value"
    reason = await page.evaluate(f"document.querySelector('{value.format('DE')}').title")
    assert "of these, customs tax 80" in reason
    none = "document.querySelector('[data-market=DE] .four div:nth-child(2)')"
    assert await page.evaluate(f"{none}.dataset.level") == "unknown", "nobody asked anything"
    assert "too little evidence" in await page.evaluate(f"{none}.textContent")
