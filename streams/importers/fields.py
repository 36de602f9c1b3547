"""Values out of rows whose shape is not to be trusted: what is not as expected is None."""

from typing import Any

import msgspec

from resonance.streams.importers.outcomes import Skipped
from resonance.streams.importers.rows import unusable
from resonance.streams.reasons import Reason


def object_of(line: int, item: bytes | None) -> dict[str, Any] | Skipped:
    """Return the JSON object that a row is, or why it is none."""
    if item is None:
        return unusable(line)
    try:
        row = msgspec.json.decode(item)
    except UnicodeDecodeError:
        return Skipped(Reason.NOT_UTF8, line)
    except (msgspec.DecodeError, RecursionError):
        return Skipped(Reason.NOT_JSON, line)
    return row if isinstance(row, dict) else Skipped(Reason.NOT_AN_OBJECT, line)


def dig(value: object, *path: str) -> Any:
    """Return what lies under these names, one within the other, or None.

    >>> dig({"a": {"b": 1}}, "a", "b"), dig({"a": []}, "a", "b")
    (1, None)
    """
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list; none if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def identifier(*candidates: object) -> str | None:
    """Return the first that can be an id, as text. A float has lost digits; 0 stands for none.

    >>> identifier(None, 0, "0", 7137750790064065286)
    '7137750790064065286'
    """
    for value in candidates:
        if isinstance(value, str | int) and not isinstance(value, bool) and value:
            text = str(value).strip()
            if text not in {"", "0"}:
                return text
    return None


def text_of(*candidates: object) -> str | None:
    """Return the first that is text with more than spaces in it."""
    return next((value for value in candidates if isinstance(value, str) and value.strip()), None)


def whole_number(*candidates: object) -> int | None:
    """Return the first that is a whole number of at most 18 digits, also as text."""
    for value in candidates:
        if isinstance(value, bool) or not isinstance(value, int | str):
            continue
        text = str(value)
        if text.isascii() and text.isdecimal() and len(text) <= 18:  # noqa: PLR2004 - as said.
            return int(text)
    return None
