"""The dead letters of a cluster, as a person looks at them: which, why, how many."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from resonance.agents.broker.reading import TopicReader
from resonance.agents.broker.topology import Topology
from resonance.streams import topics
from resonance.streams.dead_letters import DeadLetter, Retried, read_letter

OnRecords = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Stored:
    """One record of `dead-letters`, and when it was written there."""

    letter: DeadLetter | Retried
    written_at_ms: int


async def letter_count(reader: TopicReader, topology: Topology) -> int:
    """Return how many records there are to read, at most."""
    bounds = await reader.bounds(topology.partitions_of(topics.DEAD_LETTERS))
    return sum(end - first for first, end in bounds.values())


async def stored_letters(
    reader: TopicReader, topology: Topology, on_records: OnRecords
) -> AsyncIterator[Stored]:
    """Yield every letter in the order of its partition; `on_records` hears how many were read."""
    bounds = await reader.bounds(topology.partitions_of(topics.DEAD_LETTERS))
    for source, (first, end) in bounds.items():
        async for records in reader.read(source, first, end):
            for record in records:
                letter = read_letter(record.value)
                if letter is not None:
                    yield Stored(letter, record.timestamp)
            on_records(len(records))


def counted(letters: list[Stored]) -> dict[str, int]:
    """Return how many letters have each reason, the most frequent first."""
    reasons = Counter(
        stored.letter.reason.value for stored in letters if isinstance(stored.letter, DeadLetter)
    )
    return dict(reasons.most_common())
