"""A real Chromium without a window, spoken to by its own protocol (Chrome DevTools Protocol)."""

import asyncio
import base64
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

START_SECONDS = 60
ANSWER_SECONDS = 30
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--accept-lang=en-US",
    "--remote-debugging-port=0",
)


def chromium_binary() -> str | None:
    """Return the path of the browser, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One tab: what it asked for over the network, what it complained of, and what it shows."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._listening = asyncio.create_task(self._listen())

    async def open(self, url: str) -> None:
        """Go to an address; its requests and complaints are kept from the first on."""
        for domain in ("Network", "Runtime", "Log", "Page"):
            await self.send(f"{domain}.enable")
        await self.send("Page.navigate", url=url)
        loaded = "document.readyState === 'complete'"
        await self.until(f"{loaded} && location.href.startsWith({json.dumps(url)})")

    async def send(self, method: str, **params: object) -> Any:
        """Return the browser's answer to one command."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async with asyncio.timeout(ANSWER_SECONDS):
            return await answer

    async def evaluate(self, script: str) -> Any:
        """Return the value of a JavaScript expression."""
        answer = await self.send("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    async def until(self, script: str, seconds: float = 30) -> None:
        """Wait until the expression is truthy; AssertionError if it never is.

        Between two pages there is no body to look into.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await self.evaluate(f"!!document.body && !!({script})"):
                    await asyncio.sleep(0.1)
                return
        shown = await self.evaluate("document.body.innerText")
        message = f"never true: {script}\ncomplaints: {self.complaints}\non screen:\n{shown}"
        raise AssertionError(message)

    async def press(self, key: str) -> None:
        """Press and release one key."""
        for kind in ("keyDown", "keyUp"):
            await self.send("Input.dispatchKeyEvent", type=kind, key=key, text=key)

    async def screenshot(self, *, width: int, height: int, scheme: str = "light") -> bytes:
        """Return a PNG of the page at a size in pixels; the size stays."""
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.send("Emulation.setEmulatedMedia", features=media)
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        await asyncio.sleep(0.5)
        picture = await self.send("Page.captureScreenshot")
        return base64.b64decode(picture["data"])

    async def _listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                answer = self._answers.pop(told["id"])
                if "error" in told:
                    answer.set_exception(RuntimeError(told["error"]["message"]))
                else:
                    answer.set_result(told["result"])
            else:
                self._notice(told["method"], told["params"])

    def _notice(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning"}:
            self.complaints.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(json.dumps(params["entry"]))


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """Yield a blank tab of a new browser with a profile of its own; both are gone at the end."""
    binary = chromium_binary()
    assert binary, "no chromium"
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            binary,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            port = await _debugging_port(Path(profile) / "DevToolsActivePort")
            async with (
                ClientSession() as session,
                session.get(f"http://127.0.0.1:{port}/json/list") as answer,
            ):
                targets = await answer.json()
                [address] = [t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page"]
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            # The whole group: a browser is many processes.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _debugging_port(file: Path) -> int:
    async with asyncio.timeout(START_SECONDS):
        while not (written := await asyncio.to_thread(_text_of, file)):
            await asyncio.sleep(0.1)
    return int(written.split()[0])


def _text_of(file: Path) -> str:
    return file.read_text() if file.exists() else ""
