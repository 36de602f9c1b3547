"""The state of one events partition as records: layers in parts, and a manifest written last.

    key                                    value
    <partition>|<writer>|<layer>|<part>    a part of a layer: the whole state, or what changed since
    <partition>|<writer>|<slot>            a manifest: the layers it takes, their checksums, offsets

The first layer of a writer is the whole state, those that follow hold what changed. When they have
grown as big as the first, a new whole layer takes their place. So a snapshot costs what changed,
and reading one back never more than twice the state.

Every writer, the one owner of a partition until it is given to another, has keys of its own and
overwrites nobody's: a zombie that wakes cannot spoil what its successor wrote. Slots a and b
alternate. A manifest is worth as many of its layers as are whole; of all, the highest offset wins.
Records that no manifest needs are deleted by their keys, and compaction takes them.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from resonance.agents.broker.records import Record
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.saving import STATE_SCHEMA

MANIFEST_SCHEMA: Final = 2
PART_BYTES: Final = 512 * 1024
COMPRESSION_LEVEL: Final = 1  # 23 times smaller in a millisecond; higher levels gain little.
SLOTS: Final = ("a", "b")
MOST_LAYERS: Final = 100
SPARE_BYTES: Final = 256 * 1024  # Of small states: changes so big need no new whole layer.
_LENGTH_BYTES: Final = 4  # Before each entry of a layer.


class Layer(msgspec.Struct, frozen=True, array_like=True):
    """One layer: with those before it, the state at `offset`."""

    number: int
    offset: int
    refill_from: int  # Read the log again from here, for what the state leaves out.
    crcs: tuple[int, ...]  # CRC-32 of each part.


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is, how to tell that it is whole, and what explains its numbers."""

    schema: int = MANIFEST_SCHEMA
    state_schema: int = STATE_SCHEMA
    topic_id: str  # Of `events`: a topic created anew has the same name and other records.
    partition: int
    writer: str
    offset: int  # The state is the fold of the log before this offset.
    layers: tuple[Layer, ...]
    versions: dict[str, str] = {}  # Of the code here, and of what scored the newest comment.
    settings: dict[str, int] = {}  # Of the fold: other ones give other numbers.
    records: dict[str, int] = {}  # What became of the log's records: see docs/contracts.md.
    sources: dict[str, tuple[int, int, int]] = {}  # First and highest offset seen, and records.


@dataclass(frozen=True, slots=True)
class Made:
    """One snapshot to write: parts, then the manifest, then what is obsolete; each confirmed."""

    parts: list[Record]
    manifest: Record
    obsolete: list[Record]
    kind: Literal["whole", "changes"]

    @property
    def size_bytes(self) -> int:
        """Return what it adds to the topic."""
        return sum(len(record.value or b"") for record in (*self.parts, self.manifest))


_encoder = msgspec.json.Encoder()


class SnapshotWriter:
    """Makes the snapshots of one partition for as long as it has one owner.

    `predecessors`: keys that earlier writers left. They go when this one has two snapshots.
    """

    def __init__(
        self,
        partition: int,
        *,
        topic_id: str,
        writer: str,
        predecessors: Iterable[bytes] = (),
        versions: dict[str, str] | None = None,
    ) -> None:
        self._partition = partition
        self._topic_id = topic_id
        self.writer: Final = writer
        self._predecessors = list(predecessors)
        self._versions = versions or {}
        self._layers: list[Layer] = []
        self._kept: list[Layer] = []  # Layers that a manifest takes, the present one's or the last.
        self._whole_bytes = self._change_bytes = 0
        self._made = 0

    def make(self, fold: PartitionFold) -> Made:
        """Return the next snapshot of the fold, whose changes count as saved by this.

        If it cannot be written, this writer is spent: restore the state, and make another one.
        """
        whole = self._whole_is_due()
        number = self._made
        values = list(compressed(fold.save(whole=whole)))
        size_bytes = sum(map(len, values))
        layer = Layer(number, fold.offset, fold.state.refill_from, tuple(map(zlib.crc32, values)))
        if whole:
            before, self._layers = self._layers, [layer]
            self._whole_bytes, self._change_bytes = size_bytes, 0
        else:
            before, self._layers = list(self._layers), [*self._layers, layer]
            self._change_bytes += size_bytes
        parts = [Record(self._part_key(number, index), value) for index, value in enumerate(values)]
        slot = SLOTS[number % len(SLOTS)]
        key = f"{self._partition}|{self.writer}|{slot}".encode()
        self._made += 1
        manifest = Record(key, _encoder.encode(self._manifest(fold)))
        return Made(parts, manifest, self._obsolete(before), "whole" if whole else "changes")

    def _whole_is_due(self) -> bool:
        grown = self._change_bytes > self._whole_bytes + SPARE_BYTES
        return not self._layers or grown or len(self._layers) >= MOST_LAYERS

    def _manifest(self, fold: PartitionFold) -> Manifest:
        state = fold.state
        scored_by = {} if state.scored_by is None else msgspec.structs.asdict(state.scored_by)
        return Manifest(
            topic_id=self._topic_id,
            partition=self._partition,
            writer=self.writer,
            offset=fold.offset,
            layers=tuple(self._layers),
            versions=self._versions | {f"scored_{name}": v for name, v in scored_by.items()},
            settings=fold.settings.as_dict(),
            records=state.records(),
            sources=state.sources(),
        )

    def _obsolete(self, before: list[Layer]) -> list[Record]:
        """Return deletions of what neither this manifest nor the one before it takes."""
        needed = {layer.number for layer in (*before, *self._layers)}
        gone = [layer for layer in self._kept if layer.number not in needed]
        self._kept = [*(before if before != self._layers[:-1] else ()), *self._layers]
        keys = [
            self._part_key(layer.number, index)
            for layer in gone
            for index in range(len(layer.crcs))
        ]
        if self._made >= len(SLOTS):
            keys += self._predecessors
            self._predecessors = []
        return [Record(key, None) for key in keys]

    def _part_key(self, number: int, index: int) -> bytes:
        return f"{self._partition}|{self.writer}|{number}|{index}".encode()


def compressed(entries: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a layer: its entries, each after its length, compressed as one."""
    deflate = zlib.compressobj(COMPRESSION_LEVEL)
    pending = bytearray()
    for entry in entries:
        pending += deflate.compress(len(entry).to_bytes(_LENGTH_BYTES, "big"))
        pending += deflate.compress(entry)
        while len(pending) >= PART_BYTES:
            yield bytes(pending[:PART_BYTES])
            del pending[:PART_BYTES]
    pending += deflate.flush()
    for start in range(0, len(pending), PART_BYTES):
        yield bytes(pending[start : start + PART_BYTES])


def decompressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the entries of a layer; raises `zlib.error` or ValueError where it is none."""
    inflate = zlib.decompressobj()
    pending = bytearray()
    for part in parts:
        pending += inflate.decompress(part)
        start = 0
        while len(pending) - start >= _LENGTH_BYTES:
            first = start + _LENGTH_BYTES
            end = first + int.from_bytes(pending[start:first], "big")
            if end > len(pending):
                break
            yield bytes(pending[first:end])
            start = end
        del pending[:start]
    if pending or not inflate.eof:
        message = "a layer ends in the middle of an entry"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as read back: the state at `offset`, whatever its manifest promised beyond."""

    manifest: Manifest
    offset: int
    refill_from: int
    layers: tuple[tuple[bytes, ...], ...] = field(repr=False)

    def entries(self) -> Iterator[bytes]:
        """Yield the entries of its layers; raises as `decompressed`."""
        for parts in self.layers:
            if self.manifest.schema < MANIFEST_SCHEMA:
                yield zlib.decompress(b"".join(parts))  # One entry, without its length.
            else:
                yield from decompressed(parts)
