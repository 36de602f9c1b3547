"""Find the snapshots of a partition among the records of its state log."""

import zlib
from collections.abc import Iterable
from typing import Final

import msgspec

from resonance.agents.state.snapshots import MANIFEST_SCHEMA, SLOTS, Layer, Manifest, Snapshot

_SLOTS: Final = frozenset(slot.encode() for slot in SLOTS)
_decoder = msgspec.json.Decoder(Manifest)


class _FirstManifest(msgspec.Struct, frozen=True, kw_only=True):
    """As the first version wrote it: `<partition>|<slot>`, parts `<partition>|<slot>|<part>`."""

    schema: int
    topic_id: str
    partition: int
    offset: int
    refill_from: int
    parts: int
    crcs: tuple[int, ...]
    versions: dict[str, str]


_first_decoder = msgspec.json.Decoder(_FirstManifest)


class SnapshotReader:
    """Reads a state log record by record; afterwards `found` has what can be gone on from."""

    def __init__(self, partition: int, topic_id: str) -> None:
        self._partition = partition
        self._topic_id = topic_id
        self._parts: dict[bytes, bytes] = {}
        self._manifests: dict[bytes, bytes] = {}

    def read(self, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Take the next records of the log in: of each key the last one counts."""
        for key, value in records:
            if key is None:
                continue
            kept = self._manifests if key.rpartition(b"|")[2] in _SLOTS else self._parts
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value

    @property
    def has_manifests(self) -> bool:
        """Return whether there is any, whole or not: none at all means there was no state yet."""
        return bool(self._manifests)

    def keys(self) -> list[bytes]:
        """Return the keys of all records that are there, manifests first: they go first."""
        return [*self._manifests, *self._parts]

    def found(self) -> list[Snapshot]:
        """Return the snapshots that are at least in part whole, the highest offset first."""
        made = [self._snapshot(key, value) for key, value in self._manifests.items()]
        return sorted(
            (snapshot for snapshot in made if snapshot is not None),
            key=lambda snapshot: snapshot.offset,
            reverse=True,
        )

    def of_this_topic(self) -> list[Snapshot]:
        """Return those found that are of the events topic as it is now."""
        return [s for s in self.found() if s.manifest.topic_id == self._topic_id]

    def _snapshot(self, key: bytes, value: bytes) -> Snapshot | None:
        manifest = read_manifest(value)
        if manifest is None or manifest.partition != self._partition:
            return None
        prefix = key if manifest.schema < MANIFEST_SCHEMA else key.rpartition(b"|")[0]
        layers: list[tuple[bytes, ...]] = []
        last: Layer | None = None
        for layer in manifest.layers:
            stem = (
                prefix if manifest.schema < MANIFEST_SCHEMA else b"%b|%d" % (prefix, layer.number)
            )
            parts = tuple(
                self._parts.get(b"%b|%d" % (stem, index), b"") for index in range(len(layer.crcs))
            )
            if tuple(map(zlib.crc32, parts)) != layer.crcs:
                break
            layers.append(parts)
            last = layer
        if last is None:
            return None
        return Snapshot(manifest, last.offset, last.refill_from, tuple(layers))


def read_manifest(value: bytes) -> Manifest | None:
    """Return the manifest, one of the first version as one of today; None when it is neither."""
    try:
        return _decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        first = _first_decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Manifest(
        schema=first.schema,
        state_schema=1,
        topic_id=first.topic_id,
        partition=first.partition,
        writer="",
        offset=first.offset,
        layers=(Layer(0, first.offset, first.refill_from, first.crcs),),
        versions=first.versions,
    )
