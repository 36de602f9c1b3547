"""Where a log to replay comes from: streams of the archive, or a part of the topic `events`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.replaying.kafka_range import KafkaRange
from resonance.agents.replaying.run import Source
from resonance.agents.settings import Settings
from resonance.streams.events import Tick
from resonance.streams.replaying.log import LogRecord


def archived(settings: Settings, streams: Sequence[str]) -> Source:
    """Return the log of archived streams, without what erased viewers said.

    Raises `UsageError` when a stream is not there.
    """
    if not streams:
        message = "which stream? `resonance streams list` shows those that there are"
        raise UsageError(message)
    redact = ErasedList(used_list_file(settings)).viewers.redacted
    found = read_streams(Store(settings.archive), streams, redact)
    return Source(found.records, found.events, found.ticks)


def of_kafka(
    settings: Settings, streams: Sequence[str], since: str | None, until: str | None
) -> Source:
    """Return what `events` got between two times; of these streams alone, if any are named.

    Raises `UsageError` without a beginning, and `ServiceUnreachable` without a broker.
    """
    if since is None:
        message = "--from kafka needs --since, as in 2026-11-29T18:00:00Z"
        raise UsageError(message)
    until_ms = _time_ms("--until", until) if until else 4_102_444_800_000
    part = KafkaRange(settings, _time_ms("--since", since), until_ms)
    redact = ErasedList(used_list_file(settings)).viewers.redacted
    records = (one._replace(event=redact(one.event)) for one in part.records())
    return Source(_only(records, frozenset(streams)), part.events)


def _only(records: Iterator[LogRecord], streams: frozenset[str]) -> Iterator[LogRecord]:
    for record in records:
        event = record.event
        stream = None if isinstance(event, Tick) else event.stream
        if not streams or stream is None or stream in streams:
            yield record


def _time_ms(option: str, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        message = f"{option} {text}: give a time as in 2026-11-29T18:00:00Z"
        raise UsageError(message) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
