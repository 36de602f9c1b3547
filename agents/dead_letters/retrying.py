"""Dead letters once more: the record as it came, sent to its topic again as a new one.

A record is sent again only if this version can read it, and only once: what is about to be sent is
noted among the letters first, and each copy says in a header which record it is of. Whoever is
cut short between the two finds out from the topic itself what came through.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from resonance.agents.broker.producing import BatchProducer
from resonance.agents.broker.reading import TopicReader
from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_raw
from resonance.streams.dead_letters import RETRY_HEADER, DeadLetter, Retried
from resonance.streams.reasons import Reason

BATCH_RECORDS: Final = 200  # Of 64 KiB at most: 13 MB in memory.

_encoder: Final = msgspec.json.Encoder()


@dataclass(slots=True)
class Outcome:
    """What became of the letters: sent again (or to be), and why others were not."""

    retried: Counter[str] = field(default_factory=Counter)  # By the reason they were set aside.
    left: Counter[str] = field(default_factory=Counter)  # By why they were left alone.


@dataclass(slots=True)
class Retrier:
    """Sends letters again, or with `dry_run` only finds out which would be."""

    reader: TopicReader
    producer: BatchProducer
    topology: Topology
    dry_run: bool
    max_event_bytes: int
    outcome: Outcome = field(default_factory=Outcome)

    async def retry(
        self, letters: Iterable[DeadLetter | Retried], reasons: frozenset[Reason]
    ) -> Outcome:
        """Send all letters of these reasons again that may be; return what became of each."""
        found = list(letters)
        sources = {self.topology.name(spec) for spec in topics.SOURCES}
        wanted: dict[TopicPartition, dict[int, DeadLetter]] = {}
        for letter in found:
            if isinstance(letter, Retried) or letter.reason not in reasons:
                continue
            if letter.reason is Reason.TOO_LATE:
                self.outcome.left["too_late_again"] += 1  # A property of the record itself.
            elif letter.topic not in sources:
                self.outcome.left["not_of_a_raw_topic"] += 1
            else:
                place = TopicPartition(letter.topic, letter.partition)
                wanted.setdefault(place, {})[letter.offset] = letter
        retries = [letter for letter in found if isinstance(letter, Retried)]
        for source, by_offset in sorted(wanted.items()):
            await self._retry_partition(source, by_offset, retries)
        self.outcome.left = +self.outcome.left  # Without what there were none of.
        return self.outcome

    async def _retry_partition(
        self,
        source: TopicPartition,
        letters: dict[int, DeadLetter],
        retries: Sequence[Retried],
    ) -> None:
        ours = [r for r in retries if (r.topic, r.partition) == (source.topic, source.partition)]
        known = len(letters)
        for offset in await self._settled(source, ours):
            letters.pop(offset, None)
        self.outcome.left["retried_before"] += known - len(letters)
        usable: list[tuple[ConsumerRecord, DeadLetter, bytes]] = []
        seen = 0
        async for record in self.reader.pick(source, letters):
            seen += 1
            key = self._key(record, letters[record.offset])
            if key is not None:
                usable.append((record, letters[record.offset], key))
            if len(usable) >= BATCH_RECORDS:
                await self._send(source, usable)
                usable = []
        await self._send(source, usable)
        self.outcome.left["deleted_by_retention"] += len(letters) - seen

    async def _settled(self, source: TopicPartition, retries: Sequence[Retried]) -> set[int]:
        """Return the offsets that were sent again before."""
        settled = {offset for retry in retries if retry.done for offset in retry.offsets}
        open_ones = [r for r in retries if not r.done and not settled.issuperset(r.offsets)]
        if not open_ones:
            return settled
        first, end = (await self.reader.bounds([source]))[source]
        start = max(first, min(retry.from_offset for retry in open_ones))
        async for records in self.reader.read(source, start, end):
            settled.update(offset for r in records if (offset := retry_of(r)) is not None)
        return settled

    def _key(self, record: ConsumerRecord, letter: DeadLetter) -> bytes | None:
        """Return the key to send the record with, or None if it is left alone."""
        value = record.value or b""
        if sha256(value).hexdigest() != letter.sha256:
            self.outcome.left["another_record"] += 1  # The topic was made anew.
            return None
        event = decode_raw(value, self.max_event_bytes)
        if isinstance(event, Rejection):
            self.outcome.left[f"still_{event.reason.value}"] += 1
            return None
        return record.key or event.channel.encode()

    async def _send(
        self, source: TopicPartition, some: Sequence[tuple[ConsumerRecord, DeadLetter, bytes]]
    ) -> None:
        if some and not self.dry_run:
            refused = await self._send_noted(source, some)
            for position in sorted(refused, reverse=True):
                some = [*some[:position], *some[position + 1 :]]
            self.outcome.left["refused_by_the_broker"] += len(refused)
        self.outcome.retried.update(letter.reason.value for _, letter, _ in some)

    async def _send_noted(
        self, source: TopicPartition, some: Sequence[tuple[ConsumerRecord, DeadLetter, bytes]]
    ) -> set[int]:
        end = (await self.reader.bounds([source]))[source][1]
        note = Retried(
            topic=source.topic,
            partition=source.partition,
            offsets=tuple(record.offset for record, _, _ in some),
            from_offset=end,
            done=False,
        )
        await self._note(note)
        again = [
            Record(key, record.value, (*record.headers, (RETRY_HEADER, b"%d" % record.offset)))
            for record, _, key in some
        ]
        refused = {one.position for one in await self.producer.send({source: again})}
        sent = tuple(o for position, o in enumerate(note.offsets) if position not in refused)
        await self._note(msgspec.structs.replace(note, offsets=sent, done=True))
        return refused

    async def _note(self, note: Retried) -> None:
        key = f"{note.topic}:{note.partition}".encode()
        partition = self.topology.partition_for(topics.DEAD_LETTERS, key)
        target = TopicPartition(self.topology.name(topics.DEAD_LETTERS), partition)
        await self.producer.send({target: [Record(key, _encoder.encode(note))]})


def retry_of(record: ConsumerRecord) -> int | None:
    """Return the offset of the record that this one is a copy of, or None."""
    for name, value in record.headers:
        if name == RETRY_HEADER and value.isdigit():
            return int(value)
    return None
