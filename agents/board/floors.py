"""The negative share below which a market pages nobody: from settings to series.

Alert rules compare with `resonance_alert_floor_ratio`, so that one rule serves every market.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

from resonance.agents.settings import Settings

EVERYWHERE_RATIO: Final = 0.15


class AlertFloors(NamedTuple):
    """The floor of every market, and of those that have one of their own."""

    everywhere: float = EVERYWHERE_RATIO
    by_market: MappingProxyType[str, float] = MappingProxyType({})

    def of(self, market: str) -> float:
        """Return the market's floor, a share from 0 to 1."""
        return self.by_market.get(market, self.everywhere)


def alert_floors(settings: Settings) -> AlertFloors:
    """Return the floors that the settings ask for; of a market named twice, the last one.

    >>> alert_floors(Settings(alert_floor_ratios="DE=0.2,ID=.12")).of("DE")
    0.2
    """
    pairs = (pair.split("=") for pair in settings.alert_floor_ratios.split(",") if pair)
    ratios = {market: float(ratio) for market, ratio in pairs}
    return AlertFloors(settings.alert_floor_ratio, MappingProxyType(ratios))
