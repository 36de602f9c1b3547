"""Pseudonyms: the only form in which a viewer leaves the scoring hop, and the keys under them.

Keys follow each other in epochs. Which epoch's key a viewer gets is a function of the record: the
latest whose beginning is not after the record's `ingested_at_ms`. So all scorers that have the
same keys agree, in a replay as well, and the record says which epoch it was. Between two epochs
nobody can be recognised: with the old key destroyed, its pseudonyms belong to no one any more.
"""

from bisect import bisect_right
from hashlib import blake2b
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

import msgspec

PSEUDONYM_BYTES: Final = 8
KEY_BYTES: Final = 32
EPOCH_BYTES: Final = 4
EPOCH_PERSON: Final = b"resonance-epoch"  # No pseudonym is ever hashed with it.


SeenViewer = tuple[str, str]  # Epoch and pseudonym: comparable within the epoch alone.


class Pseudonym(NamedTuple):
    """A viewer as 16 hexadecimal digits, and the epoch within which they mean the same viewer."""

    viewer: str
    epoch: str


class ViewerKeys(Protocol):
    """Whatever knows the keys; `KeyRing` does, and what reads it anew from its file."""

    def pseudonym(self, platform: str, viewer_id: str, ingested_at_ms: int) -> Pseudonym:
        """Return what becomes of a viewer of a record that was ingested at that time."""
        ...


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """A time and its key; `key` is None once it is destroyed."""

    id: str
    from_ms: int  # Records ingested from then on are of this epoch.
    key: bytes | None


class KeyRing:
    """All epochs there have been, in order; the last one with a key is in use or will be.

    Raises ValueError for epochs out of order, and where no key is left.
    """

    def __init__(self, epochs: tuple[Epoch, ...]) -> None:
        self.epochs = epochs
        self._living = [epoch for epoch in epochs if epoch.key is not None]
        self._from_ms = [epoch.from_ms for epoch in self._living]
        times = [epoch.from_ms for epoch in epochs]
        if not self._living or any(a >= b for a, b in pairwise(times)):
            message = "epochs are in order of their beginning, and the last one has a key"
            raise ValueError(message)

    @classmethod
    def of(cls, key: bytes) -> "KeyRing":
        """Return the ring of a single key, which is of all times."""
        return cls((Epoch(id=epoch_id(key), from_ms=0, key=key),))

    def at(self, ingested_at_ms: int) -> Epoch:
        """Return the epoch of that time; where its key is destroyed, the oldest with a key."""
        return self._living[max(0, bisect_right(self._from_ms, ingested_at_ms) - 1)]

    def pseudonym(self, platform: str, viewer_id: str, ingested_at_ms: int) -> Pseudonym:
        """Return the viewer's pseudonym of that time."""
        epoch = self.at(ingested_at_ms)
        return Pseudonym(pseudonym(epoch.key or b"", platform, viewer_id), epoch.id)

    def all_pseudonyms(self, platform: str, viewer_id: str) -> tuple[Pseudonym, ...]:
        """Return the viewer's pseudonym of every epoch whose key there still is."""
        return tuple(
            Pseudonym(pseudonym(epoch.key or b"", platform, viewer_id), epoch.id)
            for epoch in self._living
        )

    def rotated(self, key: bytes, from_ms: int) -> "KeyRing":
        """Return the ring with a new epoch from then on; raises ValueError if one begins later."""
        return KeyRing((*self.epochs, Epoch(id=epoch_id(key), from_ms=from_ms, key=key)))

    def destroyed(self, epoch: str) -> "KeyRing":
        """Return the ring without the keys of this epoch and of all before it.

        Raises ValueError for an epoch that is none of these, and for the last, which is needed.
        """
        ids = [one.id for one in self.epochs]
        if epoch not in ids:
            message = f"there is no epoch {epoch}"
            raise ValueError(message)
        if epoch == ids[-1]:
            message = f"{epoch} is the last epoch: rotate first"
            raise ValueError(message)
        end = ids.index(epoch) + 1
        gone = tuple(msgspec.structs.replace(one, key=None) for one in self.epochs[:end])
        return KeyRing((*gone, *self.epochs[end:]))


def epoch_id(key: bytes) -> str:
    """Return what an epoch is called: 8 hexadecimal digits that tell nothing of its key."""
    digest = blake2b(b"", digest_size=EPOCH_BYTES, key=key, person=EPOCH_PERSON)
    return digest.hexdigest()


def pseudonym(key: bytes, platform: str, viewer_id: str) -> str:
    """Return 16 hexadecimal digits: BLAKE2b of platform and viewer id, keyed (RFC 7693).

    Without the key a pseudonym cannot be guessed from a list of ids, as a plain hash could.

    >>> pseudonym(bytes(32), "youtube", "UC1") == pseudonym(bytes(32), "twitch", "UC1")
    False
    """
    # The length before the platform keeps ("ab", "c") and ("a", "bc") apart; a lone surrogate
    # cannot be encoded strictly and must not stop the worker.
    message = f"{len(platform)}:{platform}:{viewer_id}".encode("utf-8", errors="surrogatepass")
    return blake2b(message, digest_size=PSEUDONYM_BYTES, key=key).hexdigest()
