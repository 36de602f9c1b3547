"""X3: after a whole run, nothing of a person is anywhere but in the raw topics."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace
from prometheus_client import generate_latest

from resonance.agents.board.service import Board
from resonance.agents.broker import provisioning
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams import topics
from resonance.streams.events import Comment
from support.engine import (
    START_MS,
    VIEWER_KEY,
    Told,
    expected_rows,
    is_whole,
    produce,
    produce_raw,
    read,
    story,
)

PERSONAL = (
    "+49 171 2345678",
    "jo.public@example.org",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "081-234-5678",
)
FRAGMENTS = (b"2345678", b"jo.public", b"4111 1111", b"0532 0130", b"234-5678", b"viewer-")
# JSON may write anything as escapes, a client may send what it likes as a kind.
BROKEN = (
    b'{"kind": "comment", "text": "mail jo.public@example.org"',
    b'{"kind": "comment", "viewer_id": 5, "text": "call +49 171 2345678"}',
    b'{"kind": "comment", "viewer_id": "viewer-7", "text": 5}',
    b'{"kind": "comment", "text": "\\u006a\\u006f.public@example.org"}',
    b"4111 1111 1111 1111",
)


def private_story() -> list[Told]:
    """A stream whose viewers give away what they should not, in what they say and in replies."""
    told = story("private", 60)
    for number, one in enumerate(told):
        if isinstance(one.event, Comment):
            text = f"too expensive, refund to {PERSONAL[number % len(PERSONAL)]}!"
            told[number] = one._replace(event=replace(one.event, text=text))
    return told


async def test_phone_mail_card_and_viewer_ids_end_at_the_raw_topics(
    cluster: Callable[..., Settings], caplog: pytest.LogCaptureFixture
) -> None:
    settings = cluster(board_port=0)
    caplog.set_level(logging.DEBUG)
    told = private_story()
    expected = expected_rows(told)
    metrics = WorkerMetrics()
    produce_raw(settings, [("comments", b"shop-private", value) for value in BROKEN])
    produce(settings, told)
    board = Board(settings)
    async with running_workers(
        settings, viewer_key=VIEWER_KEY, topology=provisioning.check(settings), metrics=metrics
    ):
        await board.start()
        while not await asyncio.to_thread(is_whole, settings, expected):
            await asyncio.sleep(0.3)
        while not board.state.streams:
            await asyncio.sleep(0.1)
        shown = await pages(board)
    await board.stop()

    raw = b"".join(message.value() or b"" for message in read(settings, "comments"))
    assert all(fragment in raw for fragment in FRAGMENTS)
    written = {
        spec.name: b"".join(
            part or b"" for m in read(settings, spec.name) for part in (m.key(), m.value())
        )
        for spec in topics.ALL
        if spec not in topics.SOURCES
    }
    assert all(written.values())
    assert written["dead-letters"].count(b'"reason"') == len(BROKEN)
    said = {"log": caplog.text.encode(), "metrics": generate_latest(metrics.registry), **shown}
    found = [
        (place, fragment)
        for place, content in (written | said).items()
        for fragment in FRAGMENTS
        if fragment in content
    ]
    assert found == []
    assert b"<phone>" in written["events"]
    assert b"<email>" in written["dead-letters"]


async def pages(board: Board) -> dict[str, bytes]:
    """Return what the board answers on every path that shows something of the stream."""
    paths = (
        "/metrics",
        "/api/streams",
        "/api/streams/private",
        f"/api/evidence?stream=private&from_ms={START_MS}&to_ms={START_MS + 600_000}",
    )
    answers = {}
    async with ClientSession() as session:
        for path in paths:
            async with session.get(f"{board.url}{path}") as answer:
                assert answer.status == 200, path
                answers[path] = await answer.read()
    assert b"<phone>" in answers[paths[-1]]
    return answers
