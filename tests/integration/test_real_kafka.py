"""The broker that the other tests rely on is a real one."""

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from support.kafka import KafkaBroker


def _create_topic(address: str, topic: str) -> None:
    client = AdminClient({"bootstrap.servers": address})
    client.create_topics([NewTopic(topic, 1, 1)])[topic].result(10)


def _values(address: str, topic: str) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": address, "group.id": "reader"})
    try:
        partition = TopicPartition(topic, 0, 0)
        _, end = consumer.get_watermark_offsets(partition, timeout=10)
        consumer.assign([partition])
        return [message.value() for message in consumer.consume(end, timeout=10)]
    finally:
        consumer.close()


def test_a_record_survives_a_kill_of_the_broker(own_kafka_broker: KafkaBroker) -> None:
    address = own_kafka_broker.address
    _create_topic(address, "kept")
    producer = Producer({"bootstrap.servers": address, "acks": "all", "log_level": 0})
    producer.produce("kept", b"one")
    assert producer.flush(10) == 0

    own_kafka_broker.kill()
    assert not own_kafka_broker.is_running
    own_kafka_broker.start()

    assert _values(address, "kept") == [b"one"]


def test_no_topic_comes_into_being_by_accident(kafka_broker: KafkaBroker) -> None:
    client = AdminClient({"bootstrap.servers": kafka_broker.address})
    assert "never-created" not in client.list_topics(timeout=10).topics
    client.list_topics("never-created", timeout=10)
    assert "never-created" not in client.list_topics(timeout=10).topics
