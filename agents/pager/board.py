"""What the board knows about an alert: comments, topics, the number behind it.

A board that does not answer must not hold a page back: then there is no evidence, and it says so.
"""

import asyncio
from typing import Final, TypeVar
from urllib.parse import quote as quoted
from urllib.parse import urlencode

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from resonance.agents.pager.alerts import Alert

_Kind = TypeVar("_Kind")

ANSWER_SECONDS: Final = 3.0
BEFORE_MS: Final = 60_000  # An alert begins when the evidence is already there.
SPAN_MS: Final = 180_000
QUOTES: Final = 3


class Quote(msgspec.Struct, frozen=True):
    """One comment, masked by the scoring hop. `author` counts within one answer: no viewer."""

    at_ms: int
    language: str
    text: str
    topics: tuple[str, ...] = ()
    author: int = 0


class Found(msgspec.Struct, frozen=True):
    """What `/api/evidence` found; of it, what a page needs."""

    matching: int
    authors: int
    topics: dict[str, int]
    comments: list[Quote]
    product: str | None = None


class Share(msgspec.Struct, frozen=True):
    """A share with its n and Wilson's 95 % interval."""

    value: float | None
    n: int
    low: float
    high: float


class _Answer(msgspec.Struct, frozen=True):
    found: Found


class _Recent(msgspec.Struct, frozen=True):
    negative_share: Share


class _Market(msgspec.Struct, frozen=True):
    market: str
    recent: dict[str, _Recent]


class _Stream(msgspec.Struct, frozen=True):
    markets: list[_Market]


class Evidence(msgspec.Struct, frozen=True):
    """What is known; a part that the board did not give is None."""

    found: Found | None = None
    share: Share | None = None  # Negative, of the last three minutes.


def evidence_query(alert: Alert, now_ms: int) -> dict[str, str]:
    """Return what to ask the board's evidence for: the alert's minutes, and its own comments."""
    from_ms = min(alert.since_ms - BEFORE_MS, now_ms - BEFORE_MS)
    query = {
        "stream": alert.labels.get("stream", ""),
        "market": alert.labels.get("market", ""),
        "from_ms": str(max(from_ms, now_ms - 10 * SPAN_MS)),
        "to_ms": str(now_ms),
        "topic": alert.labels.get("topic", ""),
        "friction": alert.labels.get("category", ""),
    }
    match alert.annotations.get("signal"):
        case "negative":
            query["sentiment"] = "negative"
        case "complaint" | "question" as signal:
            query["signal"] = signal
    return {name: value for name, value in query.items() if value}


def chosen(found: Found) -> list[Quote]:
    """Return three comments that tell most: of the topics that most have, by different people."""
    ranked = sorted(
        found.comments,
        key=lambda line: (-sum(found.topics.get(topic, 0) for topic in line.topics), -line.at_ms),
    )
    quotes: list[Quote] = []
    for line in [*ranked, *ranked]:  # Different people first; anybody when there are too few.
        again = len(quotes) < min(QUOTES, found.authors)
        authors, texts = {q.author for q in quotes}, {q.text for q in quotes}
        fits = line.text not in texts and not (again and line.author in authors)
        if len(quotes) < QUOTES and fits:
            quotes.append(line)
    return quotes


class Board:
    """Asks the board at `url`."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self._url = url.rstrip("/")
        self._session = session

    async def evidence(self, alert: Alert, now_ms: int) -> Evidence:
        """Return what the board says; never raises."""
        stream = alert.labels.get("stream")
        if not stream:
            return Evidence()
        query = urlencode(evidence_query(alert, now_ms))
        about, behind = await asyncio.gather(
            self._get(f"/api/streams/{quoted(stream, safe='')}", _Stream),
            self._get(f"/api/evidence?{query}", _Answer),
        )
        market = alert.labels.get("market")
        markets = about.markets if about else []
        recent = [m.recent["3m"] for m in markets if m.market == market and "3m" in m.recent]
        shares = [minutes.negative_share for minutes in recent]
        return Evidence(behind.found if behind else None, shares[0] if shares else None)

    async def _get(self, path: str, kind: type[_Kind]) -> _Kind | None:
        try:
            timeout = ClientTimeout(total=ANSWER_SECONDS)
            async with self._session.get(self._url + path, timeout=timeout) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP's "here it is".
                    return None
                return msgspec.json.decode(await answer.read(), type=kind)
        except (ClientError, TimeoutError, OSError, ValueError, msgspec.MsgspecError):
            return None
