"""Imports into a Kafka endpoint: the embedded one, through the network as any other."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer, TopicPartition

from resonance.agents.broker.embedded import MOCK_PARTITIONS, EmbeddedBroker
from resonance.agents.broker.provisioning import provision
from resonance.agents.broker.topology import key_partition
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.importing.kafka import EventProducer
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import decode_raw
from resonance.streams.events import Comment, Stage

COMMAND = [sys.executable, "-c", "from resonance.agents.cli.main import main; main()", "import"]
WAIT_SECONDS = 20


@pytest.fixture
def broker():
    with EmbeddedBroker() as embedded:
        yield embedded.address


def read(address, count, partitions=MOCK_PARTITIONS):
    """Return the first `count` records of all source topics, in each partition's order."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "test", "log_level": 0})
    consumer.assign(
        [
            TopicPartition(spec.name, partition, 0)
            for spec in topics.SOURCES
            for partition in range(partitions)
        ]
    )
    records, give_up_at = [], time.monotonic() + WAIT_SECONDS
    while len(records) < count and time.monotonic() < give_up_at:
        records += consumer.consume(count, timeout=0.2)
    consumer.close()
    assert len(records) == count
    return records


def chat_table(path, comments):
    rows = (f"{1_700_000_000 + n},u{n % 50},text {n}\n" for n in range(comments))
    path.write_text("time,user,text\n" + "".join(rows))


def import_(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def following(path, address):
    """Run a follower of the file; whatever happens, none is left behind."""
    process = subprocess.Popen(
        [*COMMAND, "--follow", str(path), "--to", "kafka", "--broker", address],
        stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("key", "key_of"), [("channel", "channel"), ("viewer", "viewer_id")])
def test_a_file_arrives_whole_on_the_partitions_that_its_start_announces(
    broker, tmp_path, key, key_of
):
    chat_table(tmp_path / "chat.csv", 1_000)
    done = import_(
        str(tmp_path / "chat.csv"), "--to", "kafka", "--broker", broker, "--key", key, "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events"] == 1_002
    records = read(broker, 1_002)
    by_partition = Counter((r.topic(), r.partition()) for r in records)
    stage = [decode_raw(r.value()) for r in records if r.topic() == "stage"]
    assert [event.action for event in stage if isinstance(event, Stage)] == ["started", "ended"]
    announced = stage[0].sources["comments"]
    assert announced == sum(topic == "comments" for topic, _ in by_partition)
    assert stage[1].counts == {"comments": 1_000, "stage": 2}
    for record in records:
        event = decode_raw(record.value())
        wanted = getattr(event, key_of) if isinstance(event, Comment) else event.channel
        assert record.key() == wanted.encode()
        # The partition that a Java client would choose: murmur2 of the key.
        assert record.partition() == key_partition(record.key(), MOCK_PARTITIONS)


def test_each_partition_is_in_event_time_order(broker, tmp_path):
    rows = [f"{1_700_000_000 + (n * 37) % 500},u{n % 9},text\n" for n in range(500)]
    (tmp_path / "chat.csv").write_text("time,user,text\n" + "".join(rows))
    import_(str(tmp_path / "chat.csv"), "--to", "kafka", "--broker", broker, "--key", "viewer")
    times = {}
    for record in read(broker, 502):
        at = (record.topic(), record.partition())
        times.setdefault(at, []).append(decode_raw(record.value()).occurred_at_ms)
    assert all(sorted(found) == found for found in times.values())


def test_a_broken_file_sends_nothing(broker, tmp_path):
    (tmp_path / "chat.csv").write_bytes(b"time,user,text\n1700000000,u,hi\n1700000000,u,\xff\n")
    refused = import_(str(tmp_path / "chat.csv"), "--to", "kafka", "--broker", broker)
    assert refused.returncode == 2
    assert refused.stderr.rstrip().endswith(
        "line 3: it is not UTF-8 text. Save it as UTF-8. Nothing was sent"
    )
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "test", "log_level": 0})
    ends = [
        consumer.get_watermark_offsets(TopicPartition("comments", partition))[1]
        for partition in range(MOCK_PARTITIONS)
    ]
    consumer.close()
    assert sum(ends) == 0


def test_a_followed_line_is_in_kafka_while_the_follower_waits_for_the_next(broker, tmp_path):
    chat = tmp_path / "chat.csv"
    chat.write_text("time,user,text\n1700000000,u1,one\n")
    with following(chat, broker) as process:
        assert [r.topic() for r in read(broker, 2)].count("stage") == 1
        with chat.open("a") as file:
            file.write("1700000009,u2,two\n")
        texts = [decode_raw(r.value()) for r in read(broker, 3)]
        assert {event.text for event in texts if isinstance(event, Comment)} == {"one", "two"}
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 130
    assert "3 events of 1 stream sent to Kafka" in messages


def test_a_topic_that_is_missing_is_named_with_the_command_that_makes_it(kafka_broker):
    settings = Settings(broker=kafka_broker.address, topic_prefix="nobody-made.")
    with pytest.raises(
        ServiceUnreachable, match=r"no topic nobody-made\.comments .* topics create"
    ):
        EventProducer(settings)


def test_lines_written_while_kafka_is_away_arrive_once_it_is_back(own_kafka_broker, tmp_path):
    address = own_kafka_broker.address
    provision(Settings(broker=address, partitions=1))
    chat = tmp_path / "chat.csv"
    chat.write_text("time,user,text\n1700000000,u1,before\n")
    with following(chat, address) as process:
        read(address, 2, partitions=1)
        own_kafka_broker.kill()
        with chat.open("a") as file:
            file.writelines(f"1700000009,u{n},during {n}\n" for n in range(100))
        own_kafka_broker.start()
        records = read(address, 102, partitions=1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
    events = [decode_raw(r.value()) for r in records]
    texts = [event.text for event in events if isinstance(event, Comment)]
    assert texts == ["before", *(f"during {n}" for n in range(100))]
