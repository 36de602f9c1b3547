"""A hundred thousand invented names cost /metrics no more than a busy day, and are counted."""

import tracemalloc
from collections.abc import Callable
from itertools import product
from string import ascii_uppercase

import pytest

from resonance.agents.board.labels import (
    CURRENCY_LIMIT,
    LANGUAGE_LIMIT,
    OVERFLOW_LIMIT,
    Labels,
)
from resonance.agents.board.metrics import families, scrape_of
from resonance.agents.board.state import STREAM_LIMIT, STREAMS_KEPT, BoardState
from resonance.agents.settings import Settings
from resonance.streams.windows import encode_row
from support.board_feed import START_MS, key_of, room, row

FLOOD = 100_000
CURRENCIES = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]
MEMORY_BYTES = 8_000_000  # A name remembered as overflow takes 300 bytes, 10 000 of them at most.


def ask_streams(labels: Labels, names: range) -> set[str]:
    return set(labels.markets("s1", (f"market-{n}" for n in names)).values())


def ask_languages(labels: Labels, names: range) -> set[str]:
    return set(labels.languages("DE", {f"l{n}": 1 for n in names}))


def ask_real_languages(labels: Labels, names: range) -> set[str]:
    tags = (CURRENCIES[n % len(CURRENCIES)].lower() for n in names)
    return set(labels.languages("DE", dict.fromkeys(tags, 1)))


def ask_currencies(labels: Labels, names: range) -> set[str]:
    # A row's currencies only ever become more: those met first keep their place.
    return set(labels.currencies("DE", dict.fromkeys(CURRENCIES, 1), CURRENCIES[: names.stop]))


@pytest.mark.parametrize(
    ("kind", "ask", "limit"),
    [
        ("market", ask_streams, 0),  # None of these is a country at all.
        ("language", ask_languages, 0),
        ("language", ask_real_languages, LANGUAGE_LIMIT),
        ("currency", ask_currencies, CURRENCY_LIMIT),
    ],
)
def test_a_flood_of_names_has_few_labels_is_counted_and_is_not_remembered(
    kind: str, ask: Callable[[Labels, range], set[str]], limit: int
) -> None:
    labels = Labels()
    shown: set[str] = set()
    tracemalloc.start()
    try:
        for start in range(0, FLOOD, 10_000):
            shown |= ask(labels, range(start, start + 10_000))
        held_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(shown - {"other"}) == limit
    assert 0 < labels.overflow[kind] <= OVERFLOW_LIMIT
    assert held_bytes < MEMORY_BYTES


def test_of_a_flood_of_streams_few_have_a_label_most_are_evicted_and_all_that_is_counted() -> None:
    state, labels = BoardState(), Labels(stream_limit=20)
    series: list[int] = []
    for number in range(5_000):
        name = f"stream-{number}"
        for window in (room(stream=name, watermark_ms=START_MS + number), row(stream=name)):
            state.apply(key_of(window), encode_row(window), 1, seen_at=0.0, written_at_ms=START_MS)
        if number % 1_000 == 999:
            series.append(series_count(state, labels))
    assert STREAMS_KEPT < len(state.streams) <= STREAM_LIMIT
    assert state.evicted == 5_000 - len(state.streams)
    assert series[1:] == [series[1]] * 4  # As many as after the second thousand.
    assert labels.overflow["stream"] >= STREAMS_KEPT - 20


def series_count(state: BoardState, labels: Labels) -> int:
    scrape = scrape_of(
        state, now=1_000.0, now_ms=START_MS + 60_000, rows={"applied": 1}, live_clients=0
    )
    found = [sample for family in families(scrape, labels) for sample in family.samples]
    (evicted,) = (s for s in found if s.name == "resonance_board_streams_evicted_total")
    assert evicted.value == state.evicted
    return len(found)


def test_how_many_streams_and_markets_have_labels_is_a_setting() -> None:
    few = Labels(stream_limit=1, market_limit=2)
    shown = few.markets("s1", ["DE", "US", "BR"])
    assert list(shown.values()) == ["DE", "US", "other"]
    assert Settings().stream_label_limit == 20
