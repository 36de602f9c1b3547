"""CloudEvents 1.0 (JSON) around our own events, or around Shopify's orders and refunds."""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, Final

from resonance.streams.importers import shopify
from resonance.streams.importers.documents import decoded, has_key, json_documents
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Outcome, Skipped
from resonance.streams.importers.rows import Kind, Rows
from resonance.streams.importers.times import to_ms
from resonance.streams.reasons import Reason

PLATFORM: Final = "cloudevents"
KINDS: Final[dict[str, Kind]] = {"comment": "comment", "purchase": "purchase", "stage": "stage"}
_REQUIRED: Final = ("specversion", "id", "source", "type")


def recognises(head: bytes) -> bool:
    """Return whether there are events in the head."""
    return has_key(head, b"specversion") and has_key(head, b"source")


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield what the data of each event becomes."""
    rows = Rows(options, platform=PLATFORM)
    for line, item in json_documents(pieces):
        event = decoded(line, item)
        if isinstance(event, Skipped):
            yield rows.skip(event)
        else:
            yield from outcomes(rows, event, line)


def outcomes(rows: Rows, event: object, line: int) -> Iterator[Outcome]:
    """Yield what becomes of one decoded event.

    The envelope gives an id and a time to data without; data says itself what it is, by `kind`
    or by Shopify's fields, else the last word of the event's type does (`com.shop.purchase`).
    """
    if not isinstance(event, dict):
        yield rows.skip(Skipped(Reason.NOT_AN_OBJECT, line))
        return
    fault = _fault(event, line)
    data = fault or _data(event, line)
    if isinstance(data, Skipped):
        yield rows.skip(data)
    elif shopify.kind_of(data):
        yield from shopify.outcomes(rows, data, line)
    else:
        yield _of_ours(rows, event, data, line)


def _fault(event: dict[str, Any], line: int) -> Skipped | None:
    for name in _REQUIRED:
        value = event.get(name)
        if value in (None, ""):
            return Skipped(Reason.MISSING_FIELD, line, f"`{name}` is missing")
        if not isinstance(value, str):
            return Skipped(Reason.INVALID_FIELD, line, f"`{name}` is not text")
    if not event["specversion"].startswith("1."):
        return Skipped(Reason.UNSUPPORTED_VERSION, line, "`specversion` is not 1.0")
    return None


def _data(event: dict[str, Any], line: int) -> Any:
    """Return the data's value, or why there is none."""
    if "data_base64" not in event:
        data = event.get("data")
        # Some producers put their JSON into a text.
        return decoded(line, data.encode(errors="replace")) if isinstance(data, str) else data
    try:
        return decoded(line, b64decode(event["data_base64"], validate=True))
    except (binascii.Error, TypeError, ValueError):
        return Skipped(Reason.INVALID_FIELD, line, "`data_base64` is not base64")


def _of_ours(rows: Rows, event: dict[str, Any], data: object, line: int) -> Outcome:
    if not isinstance(data, dict):
        return rows.skip(Skipped(Reason.NOT_AN_OBJECT, line, "`data`"))
    kind = KINDS.get(str(data.get("kind", event["type"].rpartition(".")[2])))
    if kind is None:
        detail = "`type` and `data` name nothing of ours"
        return rows.skip(Skipped(Reason.UNKNOWN_KIND, line, detail))
    fields = {name: value for name, value in data.items() if name != "kind"}
    fields["id"] = fields.get("id") or _event_id(event)
    if fields.get("occurred_at_ms") is None:
        fields["occurred_at_ms"] = to_ms(event.get("time"))
    return rows.event(kind, fields, line=line, raw=b"")


def _event_id(event: dict[str, Any]) -> str:
    """Return an id of the two attributes that make an event unique."""
    name = f"{event['source']}\x1f{event['id']}"
    return blake2b(name.encode(errors="surrogatepass"), digest_size=16).hexdigest()


FORMAT: Final = Format(
    "cloudevents", "CloudEvents 1.0 around purchases or Shopify's orders", recognises, read
)
