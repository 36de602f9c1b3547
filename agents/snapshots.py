"""The state of one events partition as records: parts, and a manifest written last.

    key                    value
    <partition>|<slot>|0   first part of the compressed state
    <partition>|<slot>|1   …
    <partition>|<slot>     the manifest: the offset the state is for, and a checksum of each part

Slots a and b alternate, so that a snapshot cut short by a crash leaves the one before it whole.
Two owners may write at once for a moment (one of them a zombie): parts of two snapshots that got
mixed fail their checksums, and of the whole ones the highest offset wins.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from resonance.agents.records import Record

MANIFEST_SCHEMA: Final = 1
PART_BYTES: Final = 512 * 1024
COMPRESSION_LEVEL: Final = 1  # 23 times smaller in a millisecond; higher levels gain little.
MAX_STATE_BYTES: Final = 1 << 30  # Of one partition, decompressed: 1 GiB.
SLOTS: Final = ("a", "b")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is, and how to tell that it is whole."""

    schema: int = MANIFEST_SCHEMA
    topic_id: str  # Of `events`: a topic created anew has the same name and other records.
    partition: int
    offset: int  # The state is the fold of the log before this offset.
    refill_from: int  # Read the log again from here, for what the state leaves out.
    parts: int
    crcs: tuple[int, ...]  # CRC-32 of each part.
    versions: dict[str, str]  # Of the code and the state's schema, to explain a difference.


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole snapshot, as read back."""

    manifest: Manifest
    state: bytes
    slot: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Manifest)


def snapshot_records(
    state: bytes,
    *,
    slot: str,
    topic_id: str,
    partition: int,
    offset: int,
    refill_from: int,
    versions: dict[str, str],
) -> tuple[list[Record], Record]:
    """Return the parts and the manifest; write the manifest when all parts are confirmed."""
    compressed = zlib.compress(state, COMPRESSION_LEVEL)
    parts = [
        compressed[start : start + PART_BYTES] for start in range(0, len(compressed), PART_BYTES)
    ]
    manifest = Manifest(
        topic_id=topic_id,
        partition=partition,
        offset=offset,
        refill_from=refill_from,
        parts=len(parts),
        crcs=tuple(map(zlib.crc32, parts)),
        versions=versions,
    )
    key = f"{partition}|{slot}"
    records = [Record(f"{key}|{index}".encode(), part) for index, part in enumerate(parts)]
    return records, Record(key.encode(), _encoder.encode(manifest))


def other_slot(slot: str) -> str:
    """Return the slot that the next snapshot goes to."""
    return SLOTS[1 - SLOTS.index(slot)]


class SnapshotReader:
    """Finds the best snapshot of a partition in its state log, record by record."""

    def __init__(self, partition: int, topic_id: str) -> None:
        self._partition = partition
        self._topic_id = topic_id
        self._parts: dict[bytes, bytes] = {}
        self.best: Snapshot | None = None
        self.manifests = 0  # Seen, whole or not: none at all means that there was no state yet.
        self.foreign = 0  # Whole, but of another `events` topic.

    def read(self, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Take the next records of the log in; what is no part and no manifest is passed over."""
        for key, value in records:
            if key is None or value is None:
                continue
            if key.count(b"|") == 1:
                self._read_manifest(key, value)
            else:
                self._parts[key] = value

    def _read_manifest(self, key: bytes, value: bytes) -> None:
        self.manifests += 1
        try:
            manifest = _decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        if manifest.schema != MANIFEST_SCHEMA or manifest.partition != self._partition:
            return
        state = self._state(key, manifest)
        if state is None:
            return
        if manifest.topic_id != self._topic_id:
            self.foreign += 1
        elif self.best is None or manifest.offset >= self.best.manifest.offset:
            self.best = Snapshot(manifest, state, key.rpartition(b"|")[2].decode())

    def _state(self, key: bytes, manifest: Manifest) -> bytes | None:
        """Return the state of a manifest, or None when a part is missing or of another one."""
        parts = [self._parts.get(key + b"|%d" % index) for index in range(manifest.parts)]
        whole = [part for part in parts if part is not None]
        if len(whole) != manifest.parts or tuple(map(zlib.crc32, whole)) != manifest.crcs:
            return None
        inflate = zlib.decompressobj()
        try:
            state = inflate.decompress(b"".join(whole), MAX_STATE_BYTES)
        except zlib.error:
            return None
        return state if inflate.eof else None
