"""Whatever is on the topics, the good records count in full and the bad ones are set aside."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from msgspec.structs import replace

from resonance.agents.broker import provisioning
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment
from support.engine import (
    VIEWER_KEY,
    Told,
    expected_rows,
    is_whole,
    produce,
    produce_raw,
    read,
    story,
    window_rows,
)

GOOD = 50_000
BAD = 10_000
DEEP = b'{"kind":' + b"[" * 100 + b"]" * 100 + b"}"
MALFORMED: dict[bytes | None, str] = {
    None: "empty",
    b"": "empty",
    b"\xff\xfe\x00 not text": "not_utf8",
    b'{"kind": "comment", "id": "cut sho': "not_json",
    b"[1, 2, 3]": "not_an_object",
    b'{"kind": "telegram", "id": "1"}': "unknown_kind",
    b'{"kind": "comment", "v": 99}': "unsupported_version",
    b'{"kind": "comment", "id": "1"}': "missing_field",
    b'{"kind": "comment", "id": 7}': "invalid_field",
    DEEP: "too_deep",
}


async def test_ten_thousand_malformed_records_leave_fifty_thousand_good_ones_exact(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster(scoring_batch_records=2_000)
    told = story("flooded", GOOD)
    expected = expected_rows(told)
    metrics = WorkerMetrics()
    produce_raw(settings, mixed(told))
    async with running_workers(
        settings, viewer_key=VIEWER_KEY, topology=provisioning.check(settings), metrics=metrics
    ):
        while not await asyncio.to_thread(is_whole, settings, expected):
            await asyncio.sleep(0.5)
    assert window_rows(settings) == expected

    letters = [msgspec.json.decode(m.value() or b"") for m in read(settings, "dead-letters")]
    reasons = Counter(letter["reason"] for letter in letters)
    assert reasons == Counter(itertools.islice(itertools.cycle(MALFORMED.values()), BAD))
    places = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
    assert len(places) == BAD
    for hop in ("scoring", "engagement"):
        lost = metrics.registry.get_sample_value("resonance_conservation_difference", {"hop": hop})
        assert lost == 0


def mixed(told: list[Told]) -> Iterator[tuple[str, bytes, bytes | None]]:
    """A malformed record after every fifth good one, on the same partitions."""
    bad = itertools.islice(itertools.cycle(MALFORMED), BAD)
    for number, one in enumerate(told):
        yield one.topic, one.key.encode(), encode_raw(one.event)
        if number % 5 == 4 and (value := next(bad, b"none left")) != b"none left":
            yield ("comments", "purchases", "stage")[number % 3], one.key.encode(), value


async def test_an_output_that_the_broker_refuses_becomes_a_dead_letter_and_the_rest_passes(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    limit_record_bytes(settings, "events", 2_500)
    told = story("long-winded", 60)
    ten = told[10]
    assert isinstance(ten.event, Comment)
    # A thousand different characters: the limit is on what compression leaves.
    text = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(1_000))
    told[10] = ten._replace(event=replace(ten.event, text=text))
    produce(settings, told)
    async with running_workers(
        settings, ["scoring"], viewer_key=VIEWER_KEY, topology=provisioning.check(settings)
    ):
        while len(scored_ids(settings)) < len(told) - 1:
            await asyncio.sleep(0.5)
    expected = [one.event.id for one in told if one.event.id != ten.event.id]
    assert sorted(scored_ids(settings)) == sorted(expected)
    comments = [one for one in expected if "-c" in one]
    assert [one for one in scored_ids(settings) if "-c" in one] == comments
    (letter,) = (msgspec.json.decode(m.value() or b"") for m in read(settings, "dead-letters"))
    assert (letter["reason"], letter["offset"]) == ("output_refused", 9)


def scored_ids(settings: Settings) -> list[str]:
    """The ids of all but the ticks, in log order."""
    records = (msgspec.json.decode(m.value() or b"") for m in read(settings, "events"))
    return [record["id"] for record in records if record["kind"] != "tick"]


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


async def test_a_viewer_id_and_a_text_with_personal_data_end_at_the_scoring_hop(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    told = story("private", 20)
    first = told[1]
    assert isinstance(first.event, Comment)
    told[1] = first._replace(event=replace(first.event, text="mail me: jo@example.org"))
    expected = expected_rows(told)
    produce(settings, told)
    produce_raw(settings, [("comments", b"x", b'{"kind": "comment", "mail": "jo@example.org"}')])
    async with running_workers(
        settings, viewer_key=VIEWER_KEY, topology=provisioning.check(settings)
    ):
        while not await asyncio.to_thread(is_whole, settings, expected):
            await asyncio.sleep(0.3)
    for topic in ("events", "windows", "state", "dead-letters"):
        for message in read(settings, topic):
            assert b"viewer-" not in (message.value() or b"")
            assert b"jo@example.org" not in (message.value() or b"")
    assert len(read(settings, "dead-letters")) == 1
