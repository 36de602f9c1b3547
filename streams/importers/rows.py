"""A row's fields to a valid event: identity, defaults, limits."""

from hashlib import blake2b
from typing import Any, Literal

import msgspec

from resonance.streams.codec import Rejection, decode_raw
from resonance.streams.events import SCHEMA_VERSION, RawEvent
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Skipped
from resonance.streams.reasons import Reason

Kind = Literal["comment", "purchase", "stage"]


class Rows:
    """Makes the events of one input; counts its rows, which give an id to those without."""

    def __init__(self, options: Options, platform: str) -> None:
        self.platform = options.platform or platform
        self._options = options
        self._position = 0

    def event(
        self, kind: Kind, fields: dict[str, Any], *, line: int, raw: bytes
    ) -> RawEvent | Skipped:
        """Return the event of the next row, or why it is none.

        `fields` are the row's own, named as ours; None stands for "not given". `raw` is the row
        as it was read: part of its id, if the platform gave none.
        """
        self.count()
        given = {name: value for name, value in fields.items() if value is not None}
        given |= {"kind": kind}
        given.setdefault("v", SCHEMA_VERSION)
        self._address(given)
        if "occurred_at_ms" in given:
            # History is not late: a finite file was "ingested" when it was recorded.
            given.setdefault("ingested_at_ms", given["occurred_at_ms"])
        if not given.get("id"):
            stream = str(given.get("stream", ""))
            given["id"] = row_id(str(given["platform"]), stream, self._position, raw)
        event = decode_raw(_encoded(given))
        if isinstance(event, Rejection):
            return Skipped(event.reason, line, event.at)
        return event

    def count(self) -> None:
        """Note that a row was read; `event` and `skip` do so by themselves."""
        self._position += 1

    def skip(self, skipped: Skipped) -> Skipped:
        """Count a row that becomes no event, and return it."""
        self.count()
        return skipped

    def _address(self, given: dict[str, Any]) -> None:
        """Fill in where the row belongs: what was asked for, what it says, or the default."""
        options = self._options
        if options.platform or not given.get("platform"):
            given["platform"] = self.platform
        if options.channel or not given.get("channel"):
            given["channel"] = options.channel or options.name
        if options.stream:
            given["stream"] = options.stream
        elif not given.get("stream") and given["kind"] != "purchase":
            given["stream"] = options.name  # A purchase joins its channel's stream instead.
        if given["kind"] != "purchase":
            if options.markets:
                given["stream_markets"] = options.markets
            if options.languages:
                given["stream_languages"] = options.languages


def row_id(platform: str, stream: str, position: int, raw: bytes) -> str:
    """Return the id of a row that has none: the same for the same row of the same input."""
    place = f"{platform}\x1f{stream}\x1f{position}\x1f"
    digest = blake2b(place.encode(errors="surrogatepass"), digest_size=16)
    digest.update(raw)
    return digest.hexdigest()


def unusable(line: int) -> Skipped:
    """Return the outcome of a row that is longer than any row may be."""
    return Skipped(Reason.TOO_LARGE, line, "the row is longer than 1 MiB")


def _encoded(given: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(given)
    except (UnicodeEncodeError, msgspec.MsgspecError, RecursionError):
        return b"{"  # Half a surrogate pair, say: no JSON can hold it.
