"""`resonance dead-letters` on a real broker: looked at, and sent once more, exactly once."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from msgspec.structs import replace
from typer.testing import CliRunner

from resonance.agents.broker import provisioning
from resonance.agents.broker.producing import BatchProducer
from resonance.agents.broker.records import Record
from resonance.agents.cli.main import app
from resonance.agents.dead_letters.record import dead_letter_record
from resonance.agents.privacy.erased import add_erasures
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.codec import encode_log, encode_raw
from resonance.streams.dead_letters import RETRY_HEADER, Retried
from resonance.streams.erasure import Erasure
from resonance.streams.events import Place
from resonance.streams.reasons import Reason
from support.engine import (
    VIEWER_KEY,
    produce,
    produce_raw,
    read,
    story,
    window_rows,
)
from support.log_events import Build, hash_of

COMMANDS = CliRunner()
# A thousand different characters: the broker's limit is on what compression leaves.
INCOMPRESSIBLE = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(1_000))


@contextmanager
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("RESONANCE_BROKER", settings.broker)
        patch.setenv("RESONANCE_TOPIC_PREFIX", settings.topic_prefix)
        yield


def run(*arguments: str) -> object:
    done = COMMANDS.invoke(app, ["dead-letters", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def comments_in_room(settings: Settings, stream: str) -> int:
    """How many comments the room's total counts by now."""
    row = window_rows(settings).get(f"{stream}|*|total")
    return int(msgspec.json.decode(row).get("comments", 0)) if row else 0


async def set_aside(settings: Settings, value: bytes, place: Place, reason: Reason) -> None:
    """Write the dead letter of a record as scoring does when it fails on it."""
    topology = provisioning.check(settings)
    target, letter = dead_letter_record(topology, value, reason, "", place)
    producer = BatchProducer(settings)
    await producer.start()
    try:
        await producer.send({target: [letter]})
    finally:
        await producer.stop()


def test_the_list_shows_nothing_that_an_erased_viewer_said_too_late(
    cluster: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings, build = cluster(partitions=1), Build()
    for name in ("ann", "bob"):
        said = build.comment(name, 1, viewer=f"{hash_of(name):016x}", text=f"{name} was here")
        asyncio.run(set_aside(settings, encode_log(said), said.place, Reason.TOO_LATE))
    path = tmp_path / "erased.jsonl"
    monkeypatch.setenv("RESONANCE_ERASED_VIEWERS_FILE", str(path))
    with environment(settings, monkeypatch):
        assert ["was here" in one["excerpt"] for one in run("list")] == [True, True]
        add_erasures(path, [Erasure(viewer=f"{hash_of('ann'):016x}", epoch="e", erased_at_ms=1)])
        assert ["was here" in one["excerpt"] for one in run("list")] == [False, True]


def test_letters_are_listed_and_counted_by_reason_with_their_place(
    cluster: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cluster(partitions=1)
    bad = [b"", b"not json", b"{}", b'{"mail": "jo@example.org", "x": "\x1b[31m"']
    produce_raw(settings, [("comments", b"shop", value) for value in bad])

    async def work() -> None:
        async with running_workers(
            settings, ["scoring"], viewer_key=VIEWER_KEY, topology=provisioning.check(settings)
        ):
            while len(read(settings, "dead-letters")) < len(bad):
                await asyncio.sleep(0.2)

    asyncio.run(work())
    with environment(settings, monkeypatch):
        assert run("counts") == {"empty": 1, "not_json": 2, "unknown_kind": 1}
        (letter,) = run("list", "--reason", "unknown_kind")
        assert (letter["topic"], letter["offset"]) == (f"{settings.topic_prefix}comments", 2)
        shown = COMMANDS.invoke(app, ["dead-letters", "list"]).stdout
        assert len(shown.splitlines()) == len(bad)
        assert "<email>" in shown
        assert "jo@" not in shown
        assert "\x1b" not in shown


async def test_a_letter_is_sent_again_once_and_then_nothing_is_missing(
    cluster: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cluster(partitions=1)
    limit_record_bytes(settings, "events", 2_500)
    told = story("mended", 60)
    told[10] = told[10]._replace(event=replace(told[10].event, text=INCOMPRESSIBLE))
    produce(settings, told)
    topology = provisioning.check(settings)
    async with running_workers(settings, viewer_key=VIEWER_KEY, topology=topology):
        while not await asyncio.to_thread(read, settings, "dead-letters"):
            await asyncio.sleep(0.2)
        limit_record_bytes(settings, "events", 1_000_000)  # What the operator mends.
        with environment(settings, monkeypatch):
            dry = await asyncio.to_thread(run, "retry", "--dry-run")
            other = await asyncio.to_thread(run, "retry", "--reason", "empty")
            first = await asyncio.to_thread(run, "retry", "--reason", "output_refused")
            again = await asyncio.to_thread(run, "retry")
        while await asyncio.to_thread(comments_in_room, settings, "mended") < 60:
            await asyncio.sleep(0.2)
    one = {"output_refused": 1}
    assert dry == {"dry_run": True, "retried": one, "left": {}}
    assert other == {"dry_run": False, "retried": {}, "left": {}}
    assert first == {"dry_run": False, "retried": one, "left": {}}
    assert again == {"dry_run": False, "retried": {}, "left": {"retried_before": 1}}
    assert comments_in_room(settings, "mended") == 60
    copies = [message for message in read(settings, "comments") if message.headers()]
    assert [(m.value(), m.headers()) for m in copies] == [
        (encode_raw(told[10].event), [(RETRY_HEADER, b"9")])
    ]


async def test_a_retry_cut_short_finds_out_what_came_through(
    cluster: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cluster(partitions=1)
    comments = [one.event for one in story("cut", 4) if one.topic == "comments"]
    values = [encode_raw(comment) for comment in comments]
    produce_raw(settings, [("comments", b"shop-cut", value) for value in values])
    name = f"{settings.topic_prefix}comments"
    for offset, value in enumerate(values):
        await set_aside(settings, value, Place(name, 0, offset), Reason.OUTPUT_REFUSED)
    # Noted, and two of the four sent; then the lights went out.
    note = Retried(topic=name, partition=0, offsets=(0, 1, 2, 3), from_offset=4, done=False)
    produce_raw(settings, [("dead-letters", f"{name}:0".encode(), msgspec.json.encode(note))])
    await send_copies(settings, name, values[:2])

    with environment(settings, monkeypatch):
        outcome = await asyncio.to_thread(run, "retry")
    assert outcome == {
        "dry_run": False,
        "retried": {"output_refused": 2},
        "left": {"retried_before": 2},
    }
    ids = [msgspec.json.decode(m.value() or b"")["id"] for m in read(settings, "comments")]
    assert sorted(ids[4:]) == sorted(comment.id for comment in comments)


async def send_copies(settings: Settings, name: str, values: list[bytes]) -> None:
    producer = BatchProducer(settings)
    await producer.start()
    copies = [
        Record(b"shop-cut", value, ((RETRY_HEADER, b"%d" % offset),))
        for offset, value in enumerate(values)
    ]
    await producer.send({TopicPartition(name, 0): copies})
    await producer.stop()


async def test_what_this_version_cannot_read_either_is_left_alone_with_the_reason(
    cluster: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cluster(partitions=1)
    produce_raw(settings, [("comments", b"x", b"not json")])
    name = f"{settings.topic_prefix}comments"
    await set_aside(settings, b"not json", Place(name, 0, 0), Reason.NOT_JSON)
    await set_aside(settings, b"other", Place(name, 0, 5), Reason.NOT_JSON)
    await set_aside(settings, b"{}", Place(name, 0, 1), Reason.TOO_LATE)
    await set_aside(settings, b"{}", Place("events", 0, 1), Reason.NOT_JSON)
    with environment(settings, monkeypatch):
        outcome = await asyncio.to_thread(run, "retry")
    assert outcome == {
        "dry_run": False,
        "retried": {},
        "left": {
            "still_not_json": 1,
            "deleted_by_retention": 1,
            "too_late_again": 1,
            "not_of_a_raw_topic": 1,
        },
    }
    assert len(read(settings, "comments")) == 1


def limit_record_bytes(settings: Settings, topic: str, limit_bytes: int) -> None:
    """Let the broker refuse larger batches on a topic."""
    admin = AdminClient({"bootstrap.servers": settings.broker})
    entry = ConfigEntry(
        "max.message.bytes", str(limit_bytes), incremental_operation=AlterConfigOpType.SET
    )
    resource = ConfigResource(
        ResourceType.TOPIC, settings.topic_prefix + topic, incremental_configs=[entry]
    )
    admin.incremental_alter_configs([resource])[resource].result(10)
