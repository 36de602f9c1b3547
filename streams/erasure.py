"""Viewers who are to be forgotten: whose words nothing shows any more, though their sums stand.

The list is JSON Lines, one pseudonym a line: `{"viewer": "…", "epoch": "…", "erased_at_ms": …}`.
What shows logged events puts each through `redacted`: replays and reports, of the archive, of Kafka
and of recordings. So does the archive when files are rewritten. The board takes none that it holds.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from resonance.streams.events import LogEvent, LoggedPurchase, ScoredComment

ERASED: Final = "erased"  # The epoch of a substitute: no key leads to it.
SUBSTITUTE_BYTES: Final = 8

_encoder: Final = msgspec.json.Encoder()


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list."""

    viewer: str
    epoch: str
    erased_at_ms: int


_decoder: Final = msgspec.json.Decoder(Erasure)


class DamagedListError(ValueError):
    """A line of the list cannot be read. Going on would show what was to be forgotten."""


class ErasedViewers:
    """The pseudonyms on the list.

    `salt`: secret and never kept. Under it each viewer gets a substitute, so that comments of one
    remain those of one, and distinct counts stand, but nobody can tell whose they are.
    """

    def __init__(self, erasures: Iterable[Erasure] = (), salt: bytes = b"") -> None:
        self.pseudonyms = frozenset(one.viewer for one in erasures)
        self._salt = salt

    def holds(self, event: LogEvent) -> bool:
        """Return whether the event is of a viewer who is to be forgotten."""
        if not self.pseudonyms or not isinstance(event, ScoredComment | LoggedPurchase):
            return False
        return event.viewer in self.pseudonyms

    def redacted(self, event: LogEvent) -> LogEvent:
        """Return the event as it may be kept: for one on the list, without words and identity.

        All that was counted of it stays, so that a replay gives the same numbers: market,
        language, sentiment, topics, amounts, and the hash by which repeated texts are found.
        Gone are the text, quoted evidence, who replied to whom, and the pseudonym. What staff
        replied to stays, as an id: it says which question was answered.
        """
        if not self.holds(event):
            return event
        if isinstance(event, LoggedPurchase):
            viewer = self._substitute(event.viewer or "")
            return replace(event, viewer=viewer, viewer_epoch=ERASED)
        if isinstance(event, ScoredComment):
            return replace(
                event,
                viewer=self._substitute(event.viewer),
                viewer_epoch=ERASED,
                text="",
                reply_to=None if event.role == "viewer" else event.reply_to,
                friction=tuple(replace(found, evidence="") for found in event.friction),
            )
        return event

    def _substitute(self, viewer: str) -> str:
        return blake2b(
            viewer.encode(), digest_size=SUBSTITUTE_BYTES, key=self._salt, person=b"erased"
        ).hexdigest()


def read_erasures(content: bytes) -> list[Erasure]:
    """Return the list; raises `DamagedListError`, naming the line, when one cannot be read."""
    found = []
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                found.append(_decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                message = f"line {number} of the list of erased viewers is damaged"
                raise DamagedListError(message) from error
    return found


def erasure_line(erasure: Erasure) -> bytes:
    """Return the line of the list, with its end."""
    return _encoder.encode(erasure) + b"\n"
