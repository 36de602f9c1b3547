"""Which windows two replays of the same log differ in, and by what."""

from collections.abc import Mapping
from typing import Any

import msgspec

from resonance.streams.windows import decode_row


class WindowChange(msgspec.Struct, frozen=True, kw_only=True):
    """One window that differs; `fields` holds what it was and what it is now."""

    key: str
    fields: dict[str, tuple[Any, Any]]


def changed_windows(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[WindowChange]:
    """Return the windows whose bytes differ, in the order of their keys; None: not there."""
    changes = []
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key):
            continue
        was, now = _fields(before.get(key)), _fields(after.get(key))
        fields = {
            name: (was.get(name), now.get(name))
            for name in dict.fromkeys((*was, *now))
            if was.get(name) != now.get(name)
        }
        changes.append(WindowChange(key=key, fields=fields))
    return changes


def _fields(value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {}
    fields: dict[str, Any] = msgspec.to_builtins(decode_row(value))
    return fields
