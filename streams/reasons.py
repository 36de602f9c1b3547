"""Every way in which a record can fail: one closed list, used in dead letters and in metrics."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a record was set aside. The value is the metric label and the dead letter's field."""

    EMPTY = "empty"  # No value at all, or no bytes in it.
    TOO_LARGE = "too_large"  # More than 64 KiB.
    NOT_UTF8 = "not_utf8"  # Bytes that are no text.
    TOO_DEEP = "too_deep"  # JSON nested more than 8 levels.
    NOT_JSON = "not_json"  # Cut short, or never was JSON.
    NOT_AN_OBJECT = "not_an_object"  # JSON, but a list, a number, a string or null.
    UNKNOWN_KIND = "unknown_kind"  # `kind` is missing or none that we know.
    UNSUPPORTED_VERSION = "unsupported_version"  # `v` is a schema we do not read.
    MISSING_FIELD = "missing_field"  # A required field is not there.
    INVALID_FIELD = "invalid_field"  # A field has the wrong type or a value out of bounds.
    TOO_LATE = "too_late"  # Occurred more than 10 minutes before we first had it.
    OUTPUT_REFUSED = "output_refused"  # The broker refused what we made of it, for good.
    UNSCORABLE = "unscorable"  # Scoring it raised: a fault of ours, to be found by its place.
