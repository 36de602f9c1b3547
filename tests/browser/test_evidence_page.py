"""The evidence page in a real browser, over the real board: what is behind a number, as text."""

from collections.abc import AsyncIterator, Iterator

import pytest

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from resonance.sentiment.scores import Sentiment
from support.board_feed import START_MS, Feed, comment, room, row
from support.browser import Page, chromium_binary, open_page
from support.servers import skip_or_fail

SCRIPT = "<img src=x onerror=\"document.title='owned'\">"
NEGATIVE = Sentiment(0.9, 0.1, 0.0)
AT_MS = START_MS + 100_000
QUESTION = {"topic": "price", "asks": 2, "askers": 2, "intents": 1, "languages": ["en"]}
ASKED = {"first_asked_ms": AT_MS, "last_asked_ms": AT_MS, "asked_by": ["c-how much"]}


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
async def board(broker: EmbeddedBroker) -> AsyncIterator[Board]:
    board = Board(broker.settings(Settings(board_port=0)))
    await board.start()
    feed = Feed(broker.address)
    feed.put_event(
        comment(SCRIPT, sentiment=NEGATIVE, occurred_at_ms=AT_MS, viewer="000000000000bee1"),
        comment("how much", signals=("question",), topics=("price",), occurred_at_ms=AT_MS + 1),
        comment("hola", market="MX", occurred_at_ms=AT_MS + 2),
        comment("it is 20 euro", role="host", occurred_at_ms=AT_MS + 3),
    )
    feed.put_row(
        room(),
        row("DE", comments=2, sentiment={"negative": 1}, open_questions=[{**QUESTION, **ASKED}]),
    )
    yield board
    await board.stop()


@pytest.fixture
async def page(board: Board) -> AsyncIterator[Page]:
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    async with open_page() as page:
        await page.open(board.url)
        await page.until("document.querySelectorAll('.tile').length === 1")
        yield page
        assert [url for url in page.requests if not url.startswith((board.url, "data:"))] == []
        assert page.complaints == []


def texts(selector: str) -> str:
    return f"[...document.querySelectorAll('{selector}')].map((node) => node.textContent)"


async def test_from_a_market_to_its_comments_and_from_there_to_the_negative_ones(page, board):
    await page.press("j")
    await page.press("e")
    await page.until("location.pathname === '/evidence' && document.querySelector('.quote')")
    assert await page.evaluate(texts(".quote .text")) == ["how much", SCRIPT]
    assert "2 comments of 2 viewers" in await page.evaluate(
        "document.querySelector('#count').textContent"
    )
    assert "it is 20 euro" in await page.evaluate("document.querySelector('#moments').textContent")
    asked = await page.evaluate("document.querySelector('#questions').textContent")
    assert "price" in asked
    assert "how much" in asked

    await page.evaluate(
        "(() => { const mood = document.querySelector('[name=sentiment]'); mood.value = 'negative';"
        "mood.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )
    await page.until("document.querySelectorAll('.quote').length === 1")
    assert await page.evaluate(texts(".quote .text")) == [SCRIPT]
    assert "sentiment=negative" in await page.evaluate("location.search")
    assert await page.evaluate("document.title") == "Evidence · s1 · Resonance"
    assert await page.evaluate("document.body.innerHTML.includes('bee1')") is False


async def test_the_live_page_says_which_questions_to_answer_now(page):
    await page.until("!document.querySelector('#answers').hidden")
    told = await page.evaluate("document.querySelector('#answer-lines').innerText")
    assert "Germany: price" in told
    assert "2 ask" in told
    assert "how much" in told


async def test_a_stream_that_is_not_there_is_told_in_words(page, board):
    await page.open(f"{board.url}/evidence?stream=nowhere")
    await page.until("!document.querySelector('#notice').hidden")
    assert "no such stream" in await page.evaluate("document.querySelector('#notice').textContent")
    page.complaints.clear()  # The browser itself tells of the 404.


@pytest.mark.parametrize("width", [360, 1_440])
async def test_nothing_sticks_out_sideways(page, board, width):
    await page.open(f"{board.url}/evidence?stream=s1&market=DE")
    await page.until("document.querySelector('.quote')")
    await page.screenshot(width=width, height=900)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
