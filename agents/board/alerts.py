"""Alertmanager -> the alerts on the page: which, where, since when. Asked every few seconds.

Only labels that our own rules set are taken over; a page that cannot know says so instead of
looking calm.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

ASK_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 4.0
SHOWN: Final = 50
PREFIX: Final = "Resonance"
WATCHDOG: Final = "ResonanceWatchdog"  # Always on: it says that the chain works.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Alert(msgspec.Struct, frozen=True):
    """One alert that is on."""

    name: str
    severity: str
    stream: str | None
    market: str | None
    topic: str | None
    since_ms: int
    summary: str
    held_back: bool  # Silenced or inhibited: nobody is told.


class Alerts(msgspec.Struct, frozen=True):
    """What is on. `known` is False while Alertmanager does not answer; None: there is none."""

    known: bool | None = None
    on: tuple[Alert, ...] = ()


class _Status(msgspec.Struct):
    state: str = "active"


class _Told(msgspec.Struct, rename="camel"):
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime = NEVER
    status: _Status = msgspec.field(default_factory=_Status)


_decoder = msgspec.json.Decoder(list[_Told])


def alerts_of(answer: bytes) -> Alerts:
    """Return the alerts of Alertmanager's answer; one that is not understood means not known."""
    try:
        told = _decoder.decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Alerts(known=False)
    found = [_alert(one) for one in told if one.labels.get("alertname", "").startswith(PREFIX)]
    on = [alert for alert in found if alert.name != WATCHDOG]
    on.sort(key=lambda alert: (alert.severity != "page", alert.since_ms, alert.name))
    return Alerts(known=True, on=tuple(on[:SHOWN]))


def _alert(told: _Told) -> Alert:
    labels = told.labels
    return Alert(
        name=labels["alertname"],
        severity=labels.get("severity", ""),
        stream=labels.get("stream"),
        market=labels.get("market"),
        topic=labels.get("topic"),
        since_ms=int(told.starts_at.timestamp() * 1000),
        summary=told.annotations.get("summary", ""),
        held_back=told.status.state != "active",
    )


class AlertWatch:
    """Keeps `now` up to date while `follow` runs."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self.now = Alerts(known=False) if url else Alerts()
        self.version = 0

    async def follow(self) -> None:
        """Ask until cancelled; returns at once where there is no Alertmanager."""
        if not self._url:
            return
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            while True:
                asked = await self._ask(session)
                if asked != self.now:
                    self.now = asked
                    self.version += 1
                await asyncio.sleep(ASK_SECONDS)

    async def _ask(self, session: ClientSession) -> Alerts:
        try:
            async with session.get(f"{self._url}/api/v2/alerts") as answer:
                if not answer.ok:
                    return Alerts(known=False)
                return alerts_of(await answer.read())
        except (ClientError, TimeoutError, OSError):
            return Alerts(known=False)
