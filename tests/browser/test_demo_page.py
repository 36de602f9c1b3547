"""The demo as a newcomer meets it: one command, a page that lives, a Prometheus that scrapes it."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from support.board_feed import unused_port
from support.browser import chromium_binary, open_page
from support.prometheus import prometheus, until_value
from support.servers import real_servers_required, skip_or_fail

TILES = "document.querySelectorAll('.tile').length"
COMMENTS = "Number(document.body.innerText.match(/comments\\s+([\\d,]+)/i)[1].replace(/,/g, ''))"
# Each stays on the page for a while only; one comes in the second half of the stream.
MARKUP_AS_TEXT = "/<script>|<img src=x|<b>hello/.test(document.body.innerText)"
MARKETS = "count(sum by (market) (resonance_comments_total{market!='unknown'}) > 0) >= bool 6"
GROWN = "sum(increase(resonance_comments_total[1m])) > bool 100"


@pytest.fixture
async def demo_url() -> AsyncIterator[str]:
    """A running demo, as the command starts it."""
    port = unused_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "resonance.agents.cli", "demo", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def test_the_demo_is_on_the_page_and_in_prometheus_while_it_plays(demo_url, tmp_path):
    real_servers_required("prometheus")
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    target = demo_url.removeprefix("http://")
    async with prometheus(tmp_path, target) as address, open_page() as page:
        await until_value(address, "up", 1)  # The board is open: there is a page to go to.
        await page.open(demo_url)

        await page.until(f"{TILES} >= 6")
        before = await page.evaluate(COMMENTS)
        await page.until(f"{COMMENTS} > {before} + 50")
        await until_value(address, MARKETS, 1)
        await until_value(address, GROWN, 1)

        # The scripted stream contains markup in comments: it is read, and stays text.
        await page.until(MARKUP_AS_TEXT, seconds=120)
        assert await page.evaluate("document.title.includes('Resonance')")
        assert page.complaints == []
        assert [url for url in page.requests if not url.startswith((demo_url, "data:"))] == []
