"""Tables with named columns: comments, purchases and stage events, one a row, even mixed."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from resonance.streams.events import RawEvent
from resonance.streams.importers.format import Format
from resonance.streams.importers.money import minor_units
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Skip, Skipped
from resonance.streams.importers.pieces import BYTE_ORDER_MARK, lines_of
from resonance.streams.importers.rows import Kind, Rows
from resonance.streams.importers.times import to_ms
from resonance.streams.reasons import Reason

DELIMITERS: Final = ",;\t|"
# Our name -> the headings that mean it, the surest first: an id before a name that can change.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "occurred_at_ms": (
        *("occurred_at_ms", "timestamp_ms", "occurred_at", "timestamp", "created_at"),
        *("published_at", "datetime", "time", "date", "ts"),
    ),
    "ingested_at_ms": ("ingested_at_ms",),
    "text": ("text", "message", "comment", "content", "body", "msg"),
    "viewer_id": (
        *("viewer_id", "user_id", "author_id", "customer_id", "viewer", "user", "author"),
        *("username", "nickname", "name", "customer"),
    ),
    "id": ("id", "message_id", "comment_id", "msg_id", "event_id"),
    "kind": ("kind",),
    "platform": ("platform",),
    "channel": ("channel", "channel_id", "shop", "shop_id"),
    "stream": ("stream", "stream_id", "live_id", "room_id", "video_id"),
    "market": ("market", "country", "country_code", "shipping_country"),
    "role": ("role",),
    "reply_to": ("reply_to",),
    "product": ("product", "product_id", "sku"),
    "order_id": ("order_id", "order", "order_number"),
    "state": ("state", "status", "financial_status"),
    "amount_minor": ("amount_minor",),
    "amount": ("amount", "total", "total_price", "price"),
    "currency": ("currency",),
    "units": ("units", "quantity", "qty"),
    "source": ("source",),
    "action": ("action",),
    "viewers": ("viewers", "viewer_count"),
    "target_id": ("target_id",),
}
NEEDED: Final[dict[Kind, tuple[str, ...]]] = {
    "comment": ("occurred_at_ms", "viewer_id", "text"),
    "purchase": ("occurred_at_ms", "order_id", "currency"),
    "stage": ("occurred_at_ms", "action"),
}
_KINDS: Final[dict[str, Kind]] = {k: k for k in NEEDED}
_STATES: Final = {"canceled": "cancelled", "voided": "cancelled", "refund": "refunded"}
_WHOLE_NUMBERS: Final = ("amount_minor", "units", "viewers")
_NO_ROW: Final = "?" * (csv.field_size_limit() + 1)  # Stands for a line too long to be kept.
_Cells = Mapping[str, str]


def recognises(head: bytes) -> bool:
    """Return whether the first line names at least two columns that are known."""
    line = head.removeprefix(BYTE_ORDER_MARK).split(b"\n", 1)[0]
    try:
        heading = line.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return False
    return len(_columns(_split(heading, _delimiter(heading)))) > 1


def read(pieces: Iterable[bytes], options: Options) -> Iterator[RawEvent | Skipped]:
    """Yield each row's event. Raises `BrokenFileError` if needed columns are missing."""
    lines = _decoded(pieces)
    heading = next(lines, "")
    delimiter = _delimiter(heading)
    headings = _split(heading, delimiter)
    columns = _columns(headings)
    _check(columns)
    rows = Rows(options, platform="file")
    table = csv.reader(lines, delimiter=delimiter)
    while True:
        line = table.line_num + 2  # The heading was read before; lines count from 1.
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error:
            yield rows.skip(Skipped(Skip.NOT_A_ROW, line, "a stray line end, or over 128 KiB"))
            continue
        if cells:
            yield _outcome(rows, cells, columns, line, len(headings))


def _outcome(
    rows: Rows, cells: list[str], columns: Mapping[str, int], line: int, width: int
) -> RawEvent | Skipped:
    if len(cells) != width:
        return rows.skip(Skipped(Skip.WRONG_WIDTH, line, f"{len(cells)} cells, not {width}"))
    raw = "\x1f".join(cells)
    try:
        raw_bytes = raw.encode()
    except UnicodeEncodeError:  # `_decoded` keeps what is not UTF-8 as lone surrogates.
        return rows.skip(Skipped(Reason.NOT_UTF8, line))
    given = {name: cells[at].strip() for name, at in columns.items()}
    kind = _KINDS.get(
        given.get("kind", "").lower() or ("purchase" if given.get("order_id") else "comment")
    )
    if kind is None:
        return rows.skip(Skipped(Reason.UNKNOWN_KIND, line, "`kind`"))
    fields = _fields(kind, given)
    if isinstance(fields, str):
        return rows.skip(Skipped(Reason.INVALID_FIELD, line, f"`{fields}`"))
    missing = [name for name in NEEDED[kind] if fields.get(name) is None]
    if missing:
        return rows.skip(Skipped(Reason.MISSING_FIELD, line, f"`{missing[0]}` is empty"))
    return rows.event(kind, fields, line=line, raw=raw_bytes)


def _fields(kind: Kind, given: _Cells) -> dict[str, Any] | str:
    """Return the event's fields, or the name of the first column with an unusable value."""
    fields: dict[str, Any] = {name: cell for name, cell in given.items() if cell}
    for name in ("occurred_at_ms", "ingested_at_ms"):
        if name in fields:
            fields[name] = to_ms(fields[name])
            if fields[name] is None:
                return name
    for name in ("market", "currency"):
        if name in fields:
            fields[name] = fields[name].upper()
    if kind == "comment":
        return fields | ({"role": fields["role"].lower()} if "role" in fields else {})
    return _amounts(fields) or (_purchase(fields) if kind == "purchase" else fields)


def _amounts(fields: dict[str, Any]) -> str | None:
    """Turn what must be numbers into numbers; return the first column that holds none."""
    for name in _WHOLE_NUMBERS:
        if name in fields:
            if not (fields[name].isascii() and fields[name].isdecimal()):
                return name
            fields[name] = int(fields[name][:20])
    if "amount" in fields and "amount_minor" not in fields:
        amount_minor = minor_units(fields["amount"], fields.get("currency", ""))
        if amount_minor is None:
            return "amount"
        fields["amount_minor"] = amount_minor
    return None


def _purchase(fields: dict[str, Any]) -> dict[str, Any]:
    state = fields.get("state", "paid").lower()
    fields["state"] = _STATES.get(state, state)
    if "product" in fields and "amount_minor" in fields:
        line = {"product": fields["product"], "units": fields.get("units", 1)}
        fields["lines"] = [line | {"amount_minor": fields["amount_minor"]}]
    return fields


def _columns(headings: list[str]) -> dict[str, int]:
    """Return where each of our fields stands in a row."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        places.setdefault("_".join(heading.strip().lower().split()), place)
    found = {
        name: next((places[alias] for alias in aliases if alias in places), None)
        for name, aliases in COLUMNS.items()
    }
    return {name: place for name, place in found.items() if place is not None}


def _check(columns: Mapping[str, int]) -> None:
    """Raise unless the columns of at least one kind of event are there."""
    if any(all(name in columns for name in needed) for needed in NEEDED.values()):
        return
    kind: Kind = "purchase" if "order_id" in columns else "comment"
    missing = next(name for name in NEEDED[kind] if name not in columns)
    fault = f"no column for the {kind}'s `{missing}`"
    remedy = f"Name it in the first line, as one of: {', '.join(COLUMNS[missing])}"
    raise BrokenFileError(fault, remedy, line=1)


def _delimiter(heading: str) -> str:
    """Return the delimiter that splits the first line into most known columns."""
    return max(DELIMITERS, key=lambda delimiter: len(_columns(_split(heading, delimiter))))


def _split(heading: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error:
        return []


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines as text; what is not UTF-8 in them becomes lone surrogates."""
    for number, line in lines_of(pieces):
        text = _NO_ROW if line is None else line.decode("utf-8", errors="surrogateescape")
        yield (text.removeprefix("\ufeff") if number == 1 else text) + "\n"


FORMAT: Final = Format(
    "csv",
    "a table with named columns (comma, semicolon, tab or bar)",
    recognises,
    read,
    fatal=frozenset({Reason.NOT_UTF8}),
)
