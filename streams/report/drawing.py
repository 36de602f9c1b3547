"""The timeline as shapes: every market a row of bars on one time axis. Numbers in, paths out."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from resonance.streams.report.facts import Series, Timeline
from resonance.streams.spikes import Page
from resonance.streams.wording import clock

WIDTH: Final = 1_000
LEFT: Final = 92  # For the names of markets.
ROW: Final = 44
BAR: Final = 36  # The tallest bar of a row.
TOP: Final = 26  # For the numbers of markers.
FOOT: Final = 22  # For the times of day.
TICKS: Final = 6


class Row(NamedTuple):
    """One market: its bars, its negative bars on top of them, and its orders as dots."""

    market: str
    y: int  # Of its base line.
    comments: str  # A path.
    negative: str
    orders: list[tuple[float, float, str]]  # x, radius, and what they are.
    most: int  # Comments of the tallest bar.


class Band(NamedTuple):
    """The time of a page in its market's row."""

    x: float
    y: int
    width: float
    height: int
    title: str


class Mark(NamedTuple):
    """A marker: a line over all rows, and the number that the list below explains."""

    x: float
    number: int
    kind: str  # giveaway, price or product: the line's style.


class Drawing(NamedTuple):
    """Everything in the coordinates of one SVG."""

    width: int
    height: int
    left: int
    rows: list[Row]
    bands: list[Band]
    marks: list[Mark]
    ticks: list[tuple[float, str]]


def draw(timeline: Timeline, pages: Sequence[Page]) -> Drawing:
    """Return the drawing of a timeline and the pages on it."""
    columns = max((len(series.comments) for series in timeline.series), default=1)
    step = (WIDTH - LEFT) / columns
    places = {series.market: i for i, series in enumerate(timeline.series)}
    height = TOP + ROW * len(timeline.series) + FOOT

    def x_of(at_ms: int) -> float:
        x = LEFT + (at_ms - timeline.start_ms) / timeline.step_ms * step
        return round(min(max(x, LEFT), WIDTH), 1)

    return Drawing(
        WIDTH,
        height,
        LEFT,
        [_row(series, TOP + ROW * (i + 1), step) for i, series in enumerate(timeline.series)],
        [
            Band(
                x_of(page.since_ms),
                TOP + ROW * places[page.market] + 2,
                max(round(x_of(page.until_ms) - x_of(page.since_ms), 1), 2),
                ROW - 2,
                f"would have paged from {clock(page.since_ms)} to {clock(page.until_ms)}",
            )
            for page in pages
            if page.market in places
        ],
        [
            Mark(x_of(marker.at_ms), number, marker.action.partition("_")[0])
            for number, marker in enumerate(timeline.markers, start=1)
        ],
        [(x_of(at_ms), clock(at_ms).removesuffix(" UTC")) for at_ms in _ticks(timeline, columns)],
    )


def _row(series: Series, base: int, step: float) -> Row:
    # Each row has its own scale: the shape of a small market's evening counts as much.
    most = max([1, *series.comments])
    orders = [
        (
            round(LEFT + (place + 0.5) * step, 1),
            round(min(1.5 + count**0.5, 6), 1),
            f"{count} orders",
        )
        for place, count in enumerate(series.orders)
        if count
    ]
    return Row(
        series.market,
        base,
        _bars(series.comments, most, base, step),
        _bars(series.negative, most, base, step),
        orders,
        most,
    )


def _bars(values: Sequence[int], most: int, base: int, step: float) -> str:
    """Return one path of all bars: small in the file however long the stream was."""
    parts = []
    width = max(round(step - 0.6, 1), 0.5)
    for place, value in enumerate(values):
        if value:
            tall = max(round(value / most * BAR, 1), 1)
            parts.append(f"M{LEFT + place * step:.1f} {base}v-{tall:g}h{width:g}v{tall:g}z")
    return "".join(parts)


def _ticks(timeline: Timeline, columns: int) -> Iterator[int]:
    span_ms = columns * timeline.step_ms
    for tick in range(TICKS):
        yield timeline.start_ms + span_ms * tick // TICKS
