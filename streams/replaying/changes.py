"""Which windows and pages two replays of the same log differ in, and by what."""

from collections.abc import Mapping
from typing import Any

import msgspec

from resonance.streams.spikes import OURS, Page, pages
from resonance.streams.windows import WindowRow, decode_row


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


class PageChange(msgspec.Struct, frozen=True, kw_only=True):
    """A page that only one of the replays sends (the other is None), or each at its own time."""

    stream: str
    market: str
    before: Page | None
    after: Page | None


def changed_pages(
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    floors: Mapping[str, float] | None = None,
) -> list[PageChange]:
    """Return the pages that differ under today's rule, by stream and time.

    Two pages of a market whose spans touch are one page that changed. `floors`: as of `pages`.
    """
    was, now = _rows_by_stream(before), _rows_by_stream(after)
    changes = []
    for stream in sorted(was.keys() | now.keys()):
        old = pages(was.get(stream, ()), OURS, floors)
        new = pages(now.get(stream, ()), OURS, floors)
        gone = [page for page in old if page not in new]
        come = [page for page in new if page not in old]
        pairs: list[tuple[Page | None, Page | None]] = []
        for page in gone:
            twin = next((other for other in come if _touch(page, other)), None)
            if twin is not None:
                come.remove(twin)
            pairs.append((page, twin))
        pairs += [(None, page) for page in come]
        found = [
            PageChange(stream=stream, market=known.market, before=one, after=two)
            for one, two in pairs
            if (known := one or two) is not None
        ]
        changes += sorted(found, key=_page_order)
    return changes


def _rows_by_stream(rows: Mapping[str, bytes]) -> dict[str, list[WindowRow]]:
    found: dict[str, list[WindowRow]] = {}
    for row in map(decode_row, rows.values()):
        found.setdefault(row.stream, []).append(row)
    return found


def _touch(one: Page, two: Page) -> bool:
    return (
        one.market == two.market and one.since_ms <= two.until_ms and two.since_ms <= one.until_ms
    )


def _page_order(change: PageChange) -> tuple[int, str]:
    page = change.before or change.after
    return (page.since_ms if page else 0), change.market
