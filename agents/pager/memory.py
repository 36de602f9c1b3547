"""Which alerts people have heard of, and how bad those were then.

Alertmanager tells again and again, so that we can see changes; people hear of an alert when it
begins, when it has got much worse, and when it is over.
"""

from enum import StrEnum
from typing import Final

from resonance.agents.pager.alerts import Alert

# Of the number that was told: half again as much is worse. Below, it is noise.
WORSE_FACTOR: Final = 1.5
WORSE_AFTER_MS: Final = 120_000  # While an alert builds up, every number is greater than the last.
REMEMBERED: Final = 10_000


class Event(StrEnum):
    """What people hear."""

    BEGUN = "begun"
    WORSE = "worse"
    OVER = "over"


class Memory:
    """What was told of each alert that has not ended."""

    def __init__(self) -> None:
        self._told: dict[tuple[tuple[str, str], ...], tuple[float | None, int]] = {}

    def event(self, alert: Alert, now_ms: int) -> Event | None:
        """Return what is to be told of the alert now, or None. Nothing is remembered yet."""
        told = self._told.get(alert.key)
        if alert.status == "resolved":
            return Event.OVER if told else None
        if told is None:
            return Event.BEGUN
        value, told_at_ms = told
        if value is None or alert.value is None or now_ms - told_at_ms < WORSE_AFTER_MS:
            return None
        # A slump falls: away from 0 is worse.
        worse = abs(alert.value) >= abs(value) * WORSE_FACTOR
        return Event.WORSE if worse else None

    def told(self, alert: Alert, now_ms: int) -> None:
        """Remember that people heard of it."""
        self._told.pop(alert.key, None)
        if alert.status == "resolved":
            return
        if len(self._told) >= REMEMBERED:
            del self._told[next(iter(self._told))]
        self._told[alert.key] = alert.value, now_ms
