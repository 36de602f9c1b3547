"""TikTok LIVE: TikTok-Live-Connector's events, Euler's envelopes, TikTokLive's JSON."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from resonance.streams.importers import webcast
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Outcome
from resonance.streams.importers.pieces import json_items, sample_objects
from resonance.streams.importers.webcast_rows import WebcastReader

# With a kind that is known, one of these makes it Webcast's: other programs log a `chat` as well.
_FIELDS: Final = frozenset(
    {"uniqueid", "msgid", "userid", "common", "viewercount", "giftid", "secuid"}
)


def recognises(head: bytes) -> bool:
    """Return whether any of the first objects holds a message of Webcast."""
    return any(map(_is_webcast, sample_objects(head)))


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield comments, viewer numbers, products shown, deletions and the end."""
    reader = WebcastReader(options, platform="tiktok")
    for line, item in json_items(pieces):
        yield from reader.outcomes(line, item)


def _is_webcast(row: dict[str, Any]) -> bool:
    return any(
        message.kind in webcast.KNOWN
        and (
            message.name.startswith("Webcast")
            or not _FIELDS.isdisjoint(message.data)
            or isinstance(message.data.get("user"), dict)
        )
        for message in webcast.messages(row)
    )


FORMAT: Final = Format(
    "tiktok", "TikTok-Live-Connector's, Euler's or TikTokLive's events", recognises, read
)
