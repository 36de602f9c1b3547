"""The post-mortem in a real browser, with the network off: nothing asked for, nothing runs."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from resonance.streams.events import ScoredComment
from resonance.streams.report.build import build_report
from resonance.streams.report.html import to_html
from support.browser import Page, chromium_binary, open_page
from support.past import STREAM, replayed, scripted_log
from support.servers import skip_or_fail

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    if chromium_binary() is None:
        skip_or_fail("not installed: chromium (`make servers` installs it)")
    log = tuple(
        replace(event, text=f"{SCRIPT} {event.text}") if isinstance(event, ScoredComment) else event
        for event in scripted_log()
    )
    file = tmp_path / "report.html"
    file.write_text(to_html(build_report(replayed(log), STREAM), build="b"), "utf-8")
    async with open_page() as page:
        await page.send("Network.enable")
        await page.send(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=0,
            uploadThroughput=0,
        )
        await page.open(file.as_uri())
        yield page
        assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
        assert page.complaints == []


async def test_the_first_screen_says_what_went_wrong_where_and_when(page):
    told = await page.evaluate(
        "(() => { const box = document.querySelector('.happened');"
        "return [box.innerText, box.getBoundingClientRect().bottom]; })()"
    )
    assert told[0].startswith("In DE, ")
    assert "negative" in told[0]
    assert "UTC" in told[0]
    assert "customs tax" in told[0]
    assert told[1] < 720


async def test_hostile_comments_stay_text(page):
    assert await page.evaluate("document.title") == f"{STREAM} · post-mortem"
    assert await page.evaluate("document.querySelectorAll('script, img').length") == 0
    quotes = await page.evaluate("document.querySelector('blockquote').innerText")
    assert SCRIPT in quotes


@pytest.mark.parametrize("width", [360, 1_440])
async def test_nothing_sticks_out_sideways(page, width):
    await page.screenshot(width=width, height=900)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_it_prints_to_a_few_pages(page):
    printed = await page.send("Page.printToPDF", printBackground=True)
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 12
