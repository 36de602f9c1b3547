"""What the board knows -> the series of /metrics, by the table in docs/contracts.md.

Counters are totals read from state: they survive the board's restarts. Nothing here reads a clock
or changes the state, so a scrape can be rendered in another thread.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from resonance.agents.board.cells import Cells, cells_of, held
from resonance.agents.board.counters import COUNTERS, STAGE_EVENTS, Kind
from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.labels import Labels, closed
from resonance.agents.board.scrapers import YOUNG_SECONDS
from resonance.agents.board.state import BoardState, Stream
from resonance.streams.fold.sums import MARKET_SOURCES
from resonance.streams.measures import merge_rows
from resonance.streams.windows import ROOM, WindowRow

SAME_EVERYWHERE: Final = AlertFloors()


class Scrape(NamedTuple):
    """The state at one moment, and that moment: all that a scrape depends on."""

    streams: list[Stream]
    retired: dict[str, WindowRow]
    now: float  # The reader's clock, in seconds.
    zeros_since: float  # By the same clock: what was first seen after it is shown at 0.
    now_ms: int  # Wall time.
    rows: Mapping[str, int]  # Records of `windows` by what became of them.
    live_clients: int
    evicted: int = 0  # Streams forgotten for want of room.
    floors: AlertFloors = SAME_EVERYWHERE


def families(scrape: Scrape, labels: Labels) -> Iterator[Metric]:
    """Yield every metric family of one scrape."""
    names = labels.streams(scrape.streams, scrape.now_ms)
    named = [stream for stream in scrape.streams if stream.name in names]
    cells = cells_of(named, names, labels, scrape.zeros_since)
    for kind in COUNTERS:
        yield _counter(kind, cells)
    yield from _money(cells, labels)
    yield from _market_gauges(cells, scrape.floors)
    yield from _stream_gauges(named, names)
    yield _stage_events(named, names, scrape.zeros_since)
    yield from _without_stream(scrape, labels)
    yield from _about_the_board(scrape, labels)


def _counter(kind: Kind, cells: Cells) -> Metric:
    names = ["stream", "market", *([kind.label] if kind.label else [])]
    family = CounterMetricFamily(f"resonance_{kind.name}", kind.help, labels=names)
    for key, cell in cells.items():
        for label, value in kind.read(cell.row).items():
            family.add_metric([*key, label] if kind.label else key, value)
    return family


def _money(cells: Cells, labels: Labels) -> Iterator[Metric]:
    for name, text, field in (
        ("purchase_amount_minor", "Money paid, in minor units of its currency.", "amount_minor"),
        ("refund_amount_minor", "Money of cancelled and refunded orders.", "refund_minor"),
    ):
        family = CounterMetricFamily(
            f"resonance_{name}", text, labels=["stream", "market", "currency"]
        )
        for key, cell in cells.items():
            sums = dict.fromkeys(cell.currencies, 0) | getattr(cell.row, field)
            group = "|".join(key)
            for currency, minor in labels.currencies(group, sums, cell.currencies).items():
                family.add_metric([*key, currency], minor)
        yield family


def _market_gauges(cells: Cells, floors: AlertFloors) -> Iterator[Metric]:
    keys = ["stream", "market"]
    open_questions = GaugeMetricFamily(
        "resonance_questions_open", "Clusters of questions waiting for an answer.", labels=keys
    )
    oldest = GaugeMetricFamily(
        "resonance_question_oldest_age_seconds",
        "How long the oldest open question has waited, up to the stream's watermark.",
        labels=keys,
    )
    authors = GaugeMetricFamily(
        "resonance_window_authors",
        "Distinct authors of unmasked comments in the window that ends with the last bucket.",
        labels=[*keys, "class", "window"],
    )
    floor = GaugeMetricFamily(
        "resonance_alert_floor_ratio", "Negative share below which nobody is paged.", labels=keys
    )
    four = GaugeMetricFamily(
        "resonance_four_v_points",
        "The four V so far, from 1 to 100; none where there is too little evidence.",
        labels=[*keys, "v"],
    )
    for key, cell in cells.items():
        open_questions.add_metric(key, cell.open_questions)
        oldest.add_metric(key, cell.oldest_question_age_seconds)
        for label, number in cell.authors.items():
            authors.add_metric([*key, *label], number)
        floor.add_metric(key, floors.of(key[1]))
        for name, points in cell.four.items():
            four.add_metric([*key, name], points)
    yield from (open_questions, oldest, authors, floor, four)


def _stream_gauges(streams: Iterable[Stream], names: Mapping[str, str]) -> Iterator[Metric]:
    watermark = GaugeMetricFamily(
        "resonance_watermark_timestamp_seconds",
        "Event time up to which the stream is complete.",
        labels=["stream"],
    )
    live = GaugeMetricFamily(
        "resonance_stream_live", "1 until the stream has ended.", labels=["stream"]
    )
    start = GaugeMetricFamily(
        "resonance_stream_start_timestamp_seconds", "When the stream began.", labels=["stream"]
    )
    named: dict[str, list[Stream]] = {}
    for stream in streams:
        named.setdefault(names[stream.name], []).append(stream)
    for name, several in named.items():
        # Of several under one name, the one that is furthest behind speaks for all.
        going = [stream for stream in several if stream.live]
        rooms = [stream.room for stream in going or several if stream.room]
        if marks := [room.watermark_ms for room in rooms if room.watermark_ms is not None]:
            watermark.add_metric([name], min(marks) / 1000)
        if starts := [room.started_at_ms for room in rooms if room.started_at_ms is not None]:
            start.add_metric([name], min(starts) / 1000)
        live.add_metric([name], int(bool(going)))
    yield from (watermark, live, start)


def _stage_events(
    streams: Iterable[Stream], names: Mapping[str, str], zeros_since: float
) -> Metric:
    rooms: dict[str, list[WindowRow]] = {}
    for stream in streams:
        if group := stream.totals.get(ROOM):
            rooms.setdefault(names[stream.name], []).append(held(group, zeros_since))
    family = CounterMetricFamily(
        f"resonance_{STAGE_EVENTS.name}", STAGE_EVENTS.help, labels=["stream", "action"]
    )
    for name, several in rooms.items():
        for action, count in STAGE_EVENTS.read(merge_rows(several)).items():
            family.add_metric([name, action], count)
    return family


def _without_stream(scrape: Scrape, labels: Labels) -> Iterator[Metric]:
    languages = CounterMetricFamily(
        "resonance_comment_languages",
        "Comments of viewers by language: the first 15 of a market, and other.",
        labels=["market", "language"],
    )
    sources = CounterMetricFamily(
        "resonance_market_attributions",
        "Comments of viewers by how their market was found.",
        labels=["market_source"],
    )
    too_late = CounterMetricFamily(
        "resonance_too_late", "Events that came more than 10 minutes late and are in no sum."
    )
    late = 0
    rows = list(scrape.retired.items())
    for stream in scrape.streams:
        names = labels.markets(stream.name, stream.totals) | {ROOM: ROOM}
        rows += [(names[m], held(group, scrape.zeros_since)) for m, group in stream.totals.items()]
    by_language: dict[str, Counter[str]] = {}
    by_source: Counter[str] = Counter()
    for market, row in rows:
        if market == ROOM:  # The sum of the others; only what it alone knows is read.
            late += row.too_late
            continue
        by_language.setdefault(market, Counter()).update(row.languages)
        by_source.update(row.market_sources)
    for market, counts in by_language.items():
        for language, count in labels.languages(market, counts).items():
            languages.add_metric([market, language], count)
    for source, count in closed(by_source, MARKET_SOURCES).items():
        sources.add_metric([source], count)
    too_late.add_metric([], late)
    yield from (languages, sources, too_late)


def _about_the_board(scrape: Scrape, labels: Labels) -> Iterator[Metric]:
    overflow = CounterMetricFamily(
        "resonance_label_overflow",
        "Names that had no place in a capped list of labels and count as other.",
        labels=["label"],
    )
    for label, count in labels.overflow.items():
        overflow.add_metric([label], count)
    rows = CounterMetricFamily(
        "resonance_board_rows",
        "Records read from the windows topic since the board started, by what became of them.",
        labels=["outcome"],
    )
    for outcome, count in scrape.rows.items():
        rows.add_metric([outcome], count)
    evicted = CounterMetricFamily(
        "resonance_board_streams_evicted",
        "Streams that the board forgot for want of room, the longest silent first.",
    )
    evicted.add_metric([], scrape.evicted)
    clients = GaugeMetricFamily("resonance_board_live_clients", "Open live pages.")
    clients.add_metric([], scrape.live_clients)
    build = InfoMetricFamily("resonance_build", "What is running.")
    build.add_metric([], {"version": code_version(), "service": "board"})
    yield from (overflow, rows, evicted, clients, build)


def code_version() -> str:
    """Return the installed version of the distribution, `unknown` without one."""
    try:
        return version("resonance-live")
    except PackageNotFoundError:
        return "unknown"


class ScrapeCollector(Collector):
    """One scrape as prometheus_client wants it."""

    def __init__(self, scrape: Scrape, labels: Labels) -> None:
        self._scrape = scrape
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        return families(self._scrape, self._labels)


def scrape_of(
    state: BoardState,
    *,
    now: float,
    now_ms: int,
    rows: Mapping[str, int],
    live_clients: int,
    floors: AlertFloors = SAME_EVERYWHERE,
) -> Scrape:
    """Return what one scrape needs, detached from the state; call it in the state's own thread."""
    streams = [stream.frozen() for stream in state.streams.values()]
    return Scrape(
        streams,
        dict(state.retired),
        now,
        now - YOUNG_SECONDS,
        now_ms,
        dict(rows),
        live_clients,
        state.evicted,
        floors,
    )
