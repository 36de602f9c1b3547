"""Each market's floor comes from the settings and stands beside its other series."""

import pytest
from prometheus_client import CollectorRegistry

from resonance.agents.board.floors import alert_floors
from resonance.agents.board.labels import Labels
from resonance.agents.board.metrics import ScrapeCollector, scrape_of
from resonance.agents.board.state import BoardState
from resonance.agents.settings import Settings, SettingsError, load_settings
from resonance.streams.windows import encode_row
from support.board_feed import START_MS, key_of, room, row


def floor_of(market: str, settings: Settings) -> float | None:
    """Return what a scrape says of the market's floor."""
    state = BoardState()
    for window in (room(), row("DE"), row("ID"), row("unknown")):
        state.apply(key_of(window), encode_row(window), 1, seen_at=0.0, written_at_ms=START_MS)
    scrape = scrape_of(
        state,
        now=1_000.0,
        now_ms=START_MS,
        rows={},
        live_clients=0,
        floors=alert_floors(settings),
    )
    registry = CollectorRegistry()
    registry.register(ScrapeCollector(scrape, Labels()))
    labels = {"stream": "s1", "market": market}
    return registry.get_sample_value("resonance_alert_floor_ratio", labels)


def test_without_settings_every_market_has_the_same_floor():
    assert floor_of("DE", Settings()) == floor_of("unknown", Settings()) == 0.15


def test_a_market_may_have_a_floor_of_its_own():
    settings = Settings(alert_floor_ratio=0.2, alert_floor_ratios="DE=0.35,unknown=.1")
    assert floor_of("DE", settings) == 0.35
    assert floor_of("unknown", settings) == 0.1
    assert floor_of("ID", settings) == 0.2


@pytest.mark.parametrize(
    "text", ["DE", "DE=", "de=0.2", "DE=2", "DE=20", "DE=0.2,", "DE=-0.1", "DE=0.2 ID=0.3"]
)
def test_a_floor_that_is_none_is_refused_by_name(text):
    with pytest.raises(SettingsError, match="alert_floor_ratios"):
        load_settings(environ={"RESONANCE_ALERT_FLOOR_RATIOS": text})
