"""Bytes to events and back. Whatever the bytes, decoding returns a value: an event or a rejection.

The fast path is one typed decode; only a record that fails it is looked at again, step by step,
to say what is wrong with it and where. A rejection never repeats a value of the record.
"""

import re
from typing import Any, Final, TypeVar

import msgspec

from resonance.streams.events import SCHEMA_VERSION, LogEvent, RawEvent
from resonance.streams.reasons import Reason

MAX_EVENT_BYTES: Final = 64 * 1024  # By default: the setting `max_event_bytes`.
# What scoring let pass stays readable, whatever the setting is by then.
MAX_LOG_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 8

# A string, closed or not, in which nothing counts; or a bracket, which does.
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_OPENING: Final = (b"{", b"[")
_CLOSING: Final = (b"}", b"]")

_Event = TypeVar("_Event")

_encoder = msgspec.json.Encoder()
_raw_decoder: msgspec.json.Decoder[RawEvent] = msgspec.json.Decoder(RawEvent)
_log_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)

_MISSING: Final = re.compile(r"missing required field `(\w+)`(?: - at `\$\.?([^`]*)`)?")
_PLACE: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_WITH_VALUE: Final = re.compile(r"^Invalid (?:enum )?value ")
_KINDS: Final = frozenset({"comment", "purchase", "stage", "tick"})


class Rejection(msgspec.Struct, frozen=True):
    """Why a record cannot be used; `at` names the field and the fault, never a value."""

    reason: Reason
    at: str = ""


def encode_raw(event: RawEvent) -> bytes:
    """Return the event's JSON, as producers send it."""
    return _encoder.encode(event)


def encode_log(event: LogEvent) -> bytes:
    """Return the event's JSON, as the scoring hop writes it to `events`."""
    return _encoder.encode(event)


def decode_raw(value: bytes | None, max_bytes: int = MAX_EVENT_BYTES) -> RawEvent | Rejection:
    """Return what a producer sent, or why it cannot be used. Raises nothing."""
    # Brackets within strings count here too; the exact depth is measured only past the limit.
    if (
        value
        and len(value) <= max_bytes
        and value.count(b"{") + value.count(b"[") > MAX_DEPTH
        and json_depth(value) > MAX_DEPTH
    ):
        return Rejection(Reason.TOO_DEEP, f"more than {MAX_DEPTH} levels")
    return _decode(value, _raw_decoder, max_bytes)


def decode_log(value: bytes | None) -> LogEvent | Rejection:
    """Return what the scoring hop wrote, or why it cannot be used. Raises nothing."""
    return _decode(value, _log_decoder, MAX_LOG_BYTES)


def _decode(
    value: bytes | None, decoder: "msgspec.json.Decoder[_Event]", max_bytes: int
) -> _Event | Rejection:
    if not value:
        return Rejection(Reason.EMPTY)
    if len(value) > max_bytes:
        return Rejection(Reason.TOO_LARGE, f"{len(value)} bytes, at most {max_bytes}")
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        return _explain(value, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return explain_unreadable(value)


def json_depth(value: bytes) -> int:
    """Return how deep brackets nest outside strings; linear, and for any bytes at all.

    >>> json_depth(b'{"a": ["[[["]}')
    2
    """
    deepest = depth = 0
    for token in _TOKENS.findall(value):
        if token in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif token in _CLOSING:
            depth -= 1
    return deepest


def explain_unreadable(value: bytes) -> Rejection:
    """Return why bytes are no JSON: no text at all, or broken off."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return Rejection(Reason.NOT_UTF8, f"byte {error.start}")
    return Rejection(Reason.NOT_JSON)


def _explain(value: bytes, message: str) -> Rejection:
    """Say what a well-formed JSON value lacks. Kind before version before fields.

    A newer schema may well have other fields: "unsupported version" is the useful answer then.
    """
    try:
        loose: Any = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return explain_unreadable(value)  # The fault came before the end of the text.
    if not isinstance(loose, dict):
        return Rejection(Reason.NOT_AN_OBJECT)
    kind = loose.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS or "`$.kind`" in message:
        return Rejection(Reason.UNKNOWN_KIND, "`kind`")
    if loose.get("v", SCHEMA_VERSION) != SCHEMA_VERSION:
        return Rejection(Reason.UNSUPPORTED_VERSION, f"`v` is not {SCHEMA_VERSION}")
    if missing := _MISSING.search(message):
        parent = f"{missing[2]}." if missing[2] else ""
        return Rejection(Reason.MISSING_FIELD, f"`{parent}{missing[1]}` is missing")
    if message.startswith("`"):  # A check of ours: it names its field itself.
        return Rejection(Reason.INVALID_FIELD, _PLACE.sub("", message))
    place = _PLACE.search(message)
    fault = "none of the known values" if _WITH_VALUE.match(message) else _PLACE.sub("", message)
    return Rejection(Reason.INVALID_FIELD, f"`{place[1] if place else ''}`: {fault}")
