"""How far each source partition has been scored, as the ticks that engagement's watermark needs."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from resonance.streams.events import Tick


@dataclass(slots=True)
class _Progress:
    next_offset: int
    position_ms: int | None = None  # None: nothing scored yet, and not known to be at the end.


class SourceProgress:
    """Progress of the source partitions that this worker owns. Positions never go back."""

    def __init__(self) -> None:
        self._progress: dict[TopicPartition, _Progress] = {}

    def own(self, beginnings: dict[TopicPartition, int]) -> None:
        """Start anew with these partitions, each from its next offset to read."""
        self._progress = {source: _Progress(offset) for source, offset in beginnings.items()}

    def scored(self, source: TopicPartition, next_offset: int, appended_ms: int) -> None:
        """Note that everything before `next_offset` is confirmed in `events`.

        `appended_ms` is when the broker got the last of it: what follows was appended no earlier.
        """
        self._move(source, next_offset, appended_ms)

    def caught_up(self, source: TopicPartition, next_offset: int, asked_at_ms: int) -> None:
        """Note that the partition held nothing beyond `next_offset` when it was asked.

        `asked_at_ms` is our clock before the question: what is appended later comes after it.
        """
        self._move(source, next_offset, asked_at_ms)

    def _move(self, source: TopicPartition, next_offset: int, position_ms: int) -> None:
        progress = self._progress[source]
        progress.next_offset = next_offset
        progress.position_ms = max(progress.position_ms or 0, position_ms)

    def next_offset(self, source: TopicPartition) -> int:
        """Return the first offset that is not confirmed yet."""
        return self._progress[source].next_offset

    @property
    def sources(self) -> tuple[TopicPartition, ...]:
        """The partitions that this worker owns."""
        return tuple(self._progress)

    def ticks(self, names: dict[str, str], partition_count: int) -> list[Tick]:
        """Return a tick for every partition whose position is known.

        `names` gives each full topic name without the prefix, as the fold knows it.
        """
        return [
            Tick(
                topic=names[source.topic],
                partition=source.partition,
                partitions=partition_count,
                offset=progress.next_offset,
                position_ms=progress.position_ms,
            )
            for source, progress in self._progress.items()
            if progress.position_ms is not None
        ]
