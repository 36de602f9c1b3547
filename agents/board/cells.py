"""Totals under the label pair that /metrics shows them by: mostly one, under `other` many."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from resonance.agents.board.labels import Labels
from resonance.agents.board.state import Group, Stream
from resonance.streams.fold.authors import AUTHOR_CLASSES
from resonance.streams.measures import merge_rows
from resonance.streams.scoreboard.build import points_of, scoreboard
from resonance.streams.windows import BUCKET_MS, WindowRow

AUTHOR_WINDOWS_MS: Final = {"1m": 60_000, "3m": 180_000}


class Cell(NamedTuple):
    """Everything under one pair of stream and market labels."""

    row: WindowRow
    currencies: list[str]  # In the order in which they were first seen.
    open_questions: int
    oldest_question_age_seconds: float
    authors: dict[tuple[str, str], int]  # By class and window.
    four: dict[str, float]  # Points by V. Not of several markets under one label: no sum has any.


Cells = Mapping[tuple[str, str], Cell]


def held(group: Group, zeros_since: float) -> WindowRow:
    """Return the group's row, with zeros for whatever was first seen after `zeros_since`."""
    row = group.row
    new = {label for label, at in group.labels_seen_at.items() if at > zeros_since}
    empty = group.seen_at > zeros_since
    if not new and not empty:
        return row
    # A new currency or language appears at 0 like a new market does, whatever the others show.
    changed = WindowRow(stream=row.stream, market=row.market) if empty else row
    return msgspec.structs.replace(
        changed,
        languages={k: 0 if k in new else n for k, n in row.languages.items()},
        amount_minor={k: 0 if k in new else n for k, n in row.amount_minor.items()},
        refund_minor={k: 0 if k in new else n for k, n in row.refund_minor.items()},
    )


def cells_of(
    streams: Iterable[Stream], names: Mapping[str, str], labels: Labels, zeros_since: float
) -> Cells:
    """Return the cells of the streams that have a label in `names`; see `held`."""
    parts: dict[tuple[str, str], list[Cell]] = {}
    for stream in streams:
        for market, label in labels.markets(stream.name, stream.totals).items():
            group = stream.totals[market]
            oldest_ms = group.row.question_oldest_ms
            age_ms = 0 if oldest_ms is None else max(stream.position_ms - oldest_ms, 0)
            cell = Cell(
                held(group, zeros_since),
                [name for name in group.labels_seen_at if name.isupper()],  # No language is.
                group.row.questions_open,
                age_ms / 1000,
                _authors(stream, market),
                _four(group.row, stream.room),
            )
            # Several names can share a label.
            parts.setdefault((names[stream.name], label), []).append(cell)
    return {key: _merged(cells) for key, cells in parts.items()}


def _merged(cells: list[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    return Cell(
        merge_rows(cell.row for cell in cells),
        list(dict.fromkeys(currency for cell in cells for currency in cell.currencies)),
        sum(cell.open_questions for cell in cells),
        max(cell.oldest_question_age_seconds for cell in cells),
        {key: sum(cell.authors[key] for cell in cells) for key in cells[0].authors},
        {},
    )


def _four(row: WindowRow, room: WindowRow | None) -> dict[str, float]:
    return points_of(scoreboard(row, room or row))


def _authors(stream: Stream, market: str) -> dict[tuple[str, str], int]:
    start_ms = stream.newest.get(market, 0)
    bucket = stream.buckets.get(market, {}).get(start_ms)
    age_ms = stream.position_ms - (start_ms + BUCKET_MS)
    return {
        (which, window): bucket.authors.get(window, {}).get(which, 0)
        # After a silence as long as the window, nobody wrote within it.
        if bucket and age_ms < span_ms
        else 0
        for window, span_ms in AUTHOR_WINDOWS_MS.items()
        for which in AUTHOR_CLASSES
    }
