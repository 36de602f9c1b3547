"""From the raw topics to the screen: names and texts made to run as scripts are shown as text.

Everything goes the whole way: producer, scoring, engagement, board, a real browser.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, Stage
from resonance.streams.windows import encode_row
from support.board_feed import Feed, key_of, row
from support.browser import Page, chromium_binary, open_page
from support.engine import START_MS, VIEWER_KEY
from support.servers import skip_or_fail

OWN = "window.__owned = true"
ATTACKS = (
    f"<script>{OWN}</script>",
    f'"><img src=x onerror="{OWN}">',
    f"</script><script>{OWN}</script>",
    f"<svg/onload='{OWN}'>",
    f"javascript:{OWN}",
    "{{ constructor.constructor('window.__owned = true')() }} ${window.__owned = true}",
    f'</title><iframe srcdoc="<script>parent.{OWN.removeprefix("window.")}</script>">',
    "\u202e\u2066\x1b[31m\x00<b>bold</b>\u2028",
    "<a href='http://192.0.2.1/'>click</a>",
)
CHANNEL = f'<img src=x onerror="{OWN}">'
STREAM = f"live'\"><script>{OWN}</script>/../%2e%2e|*|total?stream=x#y"
PRODUCT = f'lamp"><script>{OWN}</script>'
SOURCES = {"comments": 1, "stage": 1}


def told() -> list[tuple[str, bytes]]:
    """What a hostile producer sends: one attack in each place that takes text."""
    envelope = {"platform": ATTACKS[0], "channel": CHANNEL, "stream": STREAM}
    times = {"occurred_at_ms": START_MS, "ingested_at_ms": START_MS}
    stages = [
        Stage(id="started", action="started", sources=SOURCES, **envelope | times),
        Stage(id="shown", action="product_shown", product=PRODUCT, **envelope | times),
        Stage(id="caption", action="caption", text=ATTACKS[1], **envelope | times),
    ]
    comments = []
    for number, attack in enumerate(ATTACKS):
        at_ms = START_MS + 1_000 * number
        at = {"occurred_at_ms": at_ms, "ingested_at_ms": at_ms}
        comments += [
            Comment(
                id=f"{role}{number}{attack}"[:256],
                viewer_id=attack,
                role=role,
                text=f"{attack} refund?",
                market="DE",
                product=PRODUCT,
                reply_to=attack,
                **envelope | at,
            )
            for role in ("viewer", "host")
        ]
    end = {"occurred_at_ms": START_MS + 60_000, "ingested_at_ms": START_MS + 60_000}
    counts = {"comments": len(comments), "stage": 4}
    stages.append(Stage(id="ended", action="ended", counts=counts, **envelope | end))
    return [("stage", encode_raw(one)) for one in stages] + [
        ("comments", encode_raw(one)) for one in comments
    ]  # fmt: skip


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
async def board(broker: EmbeddedBroker) -> AsyncIterator[Board]:
    """A board over the hops, when all of the hostile stream has come through."""
    settings = broker.settings(Settings(board_port=0, tier="rules", publish_interval_seconds=0.1))
    feed = Feed(broker.address)
    # A market that no hop would let pass, as from a worker gone mad.
    bad = row(ATTACKS[1], stream=STREAM, comments=3)
    feed.put("windows", key_of(bad), encode_row(bad), upto="1")
    for topic, value in told():
        feed.put(topic, "shop", value)
    board = Board(settings)
    async with running_workers(settings, viewer_key=VIEWER_KEY):
        await board.start()
        async with asyncio.timeout(60):
            while (shown := board.state.streams.get(STREAM)) is None or not (
                shown.room and shown.room.comments == 2 * len(ATTACKS)
            ):
                await asyncio.sleep(0.1)
        yield board
    await board.stop()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    async with open_page() as page:
        yield page


async def test_no_name_and_no_text_runs_on_any_page_and_all_are_shown_as_they_are(
    board: Board, page: Page
) -> None:
    await page.open(board.url)
    await page.until("document.querySelectorAll('.tile .line').length > 0")
    assert "<script>" in await page.evaluate("document.body.innerText")
    await nothing_ran(board, page)

    span = f"from_ms={START_MS}&to_ms={START_MS + 60_000}"
    address = f"{board.url}/evidence?stream={quote(STREAM, safe='')}&{span}"
    await page.send("Page.navigate", url=address)
    await page.until("document.body.innerText.includes('refund?')")
    text = await page.evaluate("document.body.innerText")
    assert f"<script>{OWN}</script>" in text
    assert "\x1b" not in text
    await nothing_ran(board, page)


async def nothing_ran(board: Board, page: Page) -> None:
    await asyncio.sleep(1)  # Give an image that fails to load its time to run a script.
    assert await page.evaluate("window.__owned") is None
    assert await page.evaluate("document.querySelectorAll('script:not([src]), iframe').length") == 0
    assert await page.evaluate("document.querySelectorAll('[onerror], [onload]').length") == 0
    assert [url for url in page.requests if not url.startswith((board.url, "data:"))] == []
    assert page.complaints == []


async def test_every_answer_forbids_scripts_of_others(board: Board) -> None:
    name = quote(STREAM, safe="")
    paths = (
        *("/", "/evidence", "/app.js", "/metrics", "/healthz", "/readyz", "/api/streams"),
        *(f"/api/streams/{name}", f"/api/evidence?stream={name}", "/nowhere", "/<script>"),
    )
    async with ClientSession() as session:
        for path in paths:
            async with session.get(f"{board.url}{path}") as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'"), path
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                if answer.content_type == "text/html":
                    assert OWN not in await answer.text()
                else:
                    assert answer.content_type in {
                        *("application/json", "text/plain", "text/javascript"),
                    }


async def test_hostile_names_are_label_values_that_prometheus_can_read(board: Board) -> None:
    async with ClientSession() as session, session.get(f"{board.url}/metrics") as answer:
        families = list(text_string_to_metric_families(await answer.text()))
    markets = {s.labels["market"] for f in families for s in f.samples if "market" in s.labels}
    assert markets <= {"*", "DE", "unknown", "other"}
    streams = {s.labels["stream"] for f in families for s in f.samples if "stream" in s.labels}
    assert STREAM in streams
