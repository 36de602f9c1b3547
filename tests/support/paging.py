"""The whole way from a comment to a page, in processes of their own, with the committed settings.

Scoring, engagement, board and pager are our commands; Prometheus and Alertmanager run the
configurations of `deploy/`, of which addresses and secrets' paths alone are replaced. Who is paged
is this process: the pager's webhook receiver posts here.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from aiohttp import ClientError, ClientSession, web

from resonance.streams.codec import encode_raw
from support.audience import Audience
from support.kafka import free_ports

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
STEP_SECONDS: Final = 0.25
READY_SECONDS: Final = 90.0
STOP_SECONDS: Final = 20.0
PARTS: Final = ("scoring", "engagement", "board", "pager", "prometheus", "alertmanager")


class Told(NamedTuple):
    """A page as it arrived, and when by the monotonic clock."""

    at_seconds: float
    page: dict[str, Any]

    def is_page(self, event: str) -> bool:
        """Whether it wakes somebody, and tells this."""
        return (self.page["severity"], self.page["event"]) == ("page", event)


class Hook:
    """Receives pages by HTTP."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Note a page."""
        self.told.append(Told(time.monotonic(), await request.json()))
        self.came.set()
        return web.Response()

    async def until(self, found: Callable[[Told], bool], seconds: float) -> Told | None:
        """Return the first page that fits, or None when none came in time."""
        deadline = time.monotonic() + seconds
        while True:
            self.came.clear()
            if fits := next(filter(found, self.told), None):
                return fits
            try:
                await asyncio.wait_for(self.came.wait(), deadline - time.monotonic())
            except TimeoutError:
                return None


class Stack:
    """The processes, by name; each can be killed and started again at the same address."""

    def __init__(
        self, folder: Path, broker: str, hook_url: str, environ: Mapping[str, str]
    ) -> None:
        self._folder = folder
        self.ports = dict(zip(PARTS, free_ports(len(PARTS)), strict=True))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "token").write_text("one-of-the-run")
        (folder / "hook").write_text(hook_url)
        (folder / "viewer.key").write_bytes(bytes(32))
        self._environ = {
            **os.environ,
            **environ,
            "RESONANCE_BROKER": broker,
            "RESONANCE_VIEWER_KEY_FILE": str(folder / "viewer.key"),
            "RESONANCE_PAGER_TOKEN_FILE": str(folder / "token"),
            "RESONANCE_PAGER_WEBHOOK_URL_FILE": str(folder / "hook"),
            "RESONANCE_PAGER_BOARD_URL": self.url("board"),
        }

    def url(self, name: str) -> str:
        """Return where a part listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def start(self, name: str) -> None:
        """Start a part."""
        ours = [sys.executable, "-m", "resonance.agents.cli"]
        port = str(self.ports[name])
        variables = {}
        match name:
            case "scoring" | "engagement":
                command = [*ours, "worker", name]
                variables["RESONANCE_WORKER_METRICS_PORT"] = port
            case "prometheus":
                command = [
                    name,
                    f"--config.file={self._prometheus_file()}",
                    f"--storage.tsdb.path={self._folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                    "--log.level=error",
                ]
            case "alertmanager":
                command = [
                    "prometheus-alertmanager",
                    f"--config.file={self._alertmanager_file()}",
                    f"--storage.path={self._folder / 'alertmanager'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                    "--cluster.listen-address=",
                    "--log.level=error",
                ]
            case _:
                command = [*ours, name, "--port", port]
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, env=self._environ | variables, stdout=log, stderr=log
            )

    async def start_all(self) -> None:
        """Start every part, and wait until each answers. Raises RuntimeError with its log."""
        for name in PARTS:
            self.start(name)
        paths = {"board": "/readyz", "pager": "/healthz", "scoring": "/metrics"}
        paths |= {"engagement": "/metrics", "prometheus": "/-/ready", "alertmanager": "/-/ready"}
        async with ClientSession() as session:
            for name, path in paths.items():
                await self._until_it_answers(session, name, path)

    def kill(self, name: str) -> None:
        """Kill -9 a part."""
        self._processes[name].send_signal(signal.SIGKILL)
        self._processes[name].wait()

    def stop(self) -> None:
        """Stop what runs."""
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def _until_it_answers(self, session: ClientSession, name: str, path: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._processes[name].poll() is None:
            try:
                async with session.get(self.url(name) + path) as answer:
                    if answer.ok:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.3)
        log = (self._folder / f"{name}.log").read_text(errors="replace")[-2_000:]
        message = f"{name} does not answer; the end of its log:\n{log}"
        raise RuntimeError(message)

    def _prometheus_file(self) -> Path:
        config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
        config["rule_files"] = [str(DEPLOY / "prometheus/rules/*.yml")]
        config["alerting"]["alertmanagers"] = [{"static_configs": [self._static("alertmanager")]}]
        for job in config["scrape_configs"]:
            job.pop("dns_sd_configs", None)
            job["static_configs"] = [self._static(job["job_name"])]
        return self._written("prometheus.yml", config)

    def _static(self, name: str) -> dict[str, Any]:
        return {"targets": [f"127.0.0.1:{self.ports[name]}"]}

    def _alertmanager_file(self) -> Path:
        config = yaml.safe_load((DEPLOY / "alertmanager/alertmanager.yml").read_text("utf-8"))
        for receiver in config["receivers"]:
            for hook in receiver["webhook_configs"]:
                hook["url"] = hook["url"].replace("http://pager:8095", self.url("pager"))
                hook["http_config"]["authorization"]["credentials_file"] = str(
                    self._folder / "token"
                )
        return self._written("alertmanager.yml", config)

    def _written(self, name: str, config: object) -> Path:
        file = self._folder / name
        file.write_text(yaml.safe_dump(config))
        return file


@asynccontextmanager
async def paging_stack(
    folder: Path, broker: str, **environ: str
) -> AsyncIterator[tuple[Stack, Hook]]:
    """Run every part of the way, and whoever is paged; the topics must be there already."""
    hook = Hook()
    app = web.Application()
    app.router.add_post("/page", hook.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stack = Stack(folder, broker, f"http://127.0.0.1:{runner.addresses[0][1]}/page", environ)
    try:
        await stack.start_all()
        yield stack, hook
    finally:
        await asyncio.to_thread(stack.stop)
        await runner.cleanup()


async def chat(audience: Audience, producer: Any, seconds: float, prefix: str = "") -> None:
    """Send what the audience does, in real time, through a producer of librdkafka."""

    def send(topic: str, event: Any) -> None:
        producer.produce(prefix + topic, encode_raw(event), event.channel.encode())

    for topic, event in audience.start(time.time_ns() // 1_000_000):
        send(topic, event)
    began, done = time.monotonic(), 0.0
    while done < seconds:
        await asyncio.sleep(STEP_SECONDS)
        now = min(time.monotonic() - began, seconds)
        for topic, event in audience.between(done, now, time.time_ns() // 1_000_000):
            send(topic, event)
        producer.poll(0)
        done = now
    await asyncio.to_thread(producer.flush, 10)
