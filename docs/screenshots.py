"""Take the pictures of README and docs: the demo's board and evidence page, and its post-mortem.

Usage: python docs/screenshots.py (or `make screenshots`). Needs Chromium; takes two minutes, as the
pictures are of the demo a minute and a half after its start.
"""

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import ClientError, ClientSession

PROJECT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from support.browser import Page, open_page  # noqa: E402 # Found by the line above.

DOCS: Final = PROJECT / "docs"
RESONANCE: Final = str(Path(sys.executable).with_name("resonance"))
TROUBLE_SECONDS: Final = 92  # After its start, the demo's incident is in full swing.
SETTLE_SECONDS: Final = 2


async def main() -> None:
    """Play the demo, and write three pictures into docs/."""
    with TemporaryDirectory() as folder:
        recording = Path(folder) / "demo.jsonl"
        report = Path(folder) / "report.html"
        _run("demo", "--dump", str(recording))
        _run("report", "--file", str(recording), "-o", str(report))
        async with open_page() as page:
            await page.open(report.as_uri())
            await _picture(page, "report.png", height=900)
    await _board()


def _run(*arguments: str) -> None:
    subprocess.run([RESONANCE, *arguments], check=True, capture_output=True)  # noqa: S603


async def _board() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = await asyncio.create_subprocess_exec(
        RESONANCE,
        *("demo", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        stream = await _stream_of(url)
        await asyncio.sleep(TROUBLE_SECONDS)
        async with open_page() as page:
            await page.open(url)
            await page.until("document.querySelectorAll('.tile').length > 6")
            await _picture(page, "board.png", height=1_000)
            await page.open(f"{url}/evidence?stream={stream}&market=DE&sentiment=negative")
            await page.until("document.querySelector('.quote')")
            await _picture(page, "evidence.png", height=800)
    finally:
        with suppress(ProcessLookupError):
            demo.terminate()
        await demo.wait()


async def _stream_of(url: str) -> str:
    async with ClientSession() as session, asyncio.timeout(60):
        while True:
            with suppress(ClientError):
                async with session.get(f"{url}/api/streams") as answer:
                    if answer.ok and (streams := json.loads(await answer.read())):
                        return str(streams[0]["stream"])
            await asyncio.sleep(0.2)


async def _picture(page: Page, name: str, *, height: int) -> None:
    await asyncio.sleep(SETTLE_SECONDS)
    (DOCS / name).write_bytes(await page.screenshot(width=1_360, height=height))


if __name__ == "__main__":
    asyncio.run(main())
