"""A generated stream: what viewers, host and buyers do by its plan, as raw events.

Pure: the same plan and dice give the same events. The texts are the demo's, sorted into moods by
the scorer, so that the share of the plan is the share that is counted.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, NamedTuple

from resonance.agents.backtesting.plan import EPISODES, MarketPlan, StreamPlan
from resonance.agents.demo.tables import table, texts
from resonance.sentiment.score import Request
from resonance.streams.backtest.incidents import Incident
from resonance.streams.events import Comment, OrderLine, Purchase, RawEvent, Stage, StageAction
from resonance.streams.scoring import TextScorer

PLATFORM: Final = "generated"
FIRST_START_MS: Final = 1_767_636_000_000  # 2026-01-05, 18:00 UTC; a stream a day.
DAY_MS: Final = 86_400_000
DELAY_MS: Final = (30, 900)  # From the viewer's phone to us.
ORDERS_A_COMMENT: Final = 0.03
BUYERS_SHARE: Final = 1.5  # Above 1, the first viewers write more often.
ANGRIER: Final = 0.3  # So much more is written while something goes wrong.
COPIED: Final = "go go go go"
VOTES: Final = ("1", "2", "A", "B")
ENTRIES: Final = ("me me me", "me", "pick me", "eu eu eu", "yo yo yo")
RAIDERS_NEGATIVE: Final = 0.5
ACTIONS: Final[dict[str, tuple[StageAction, StageAction]]] = {
    "giveaway": ("giveaway_started", "giveaway_ended"),
    "vote": ("vote_started", "vote_ended"),
    "raid": ("raid_started", "raid_ended"),
}


class Moods(NamedTuple):
    """Texts of one language by what the scorer makes of them."""

    negative: list[str]
    other: list[str]
    about: dict[str, list[str]]  # By topic: negative, and about it.


def sorted_moods(scorer: TextScorer) -> Callable[[str], Moods]:
    """Return a function from market to the texts of its first language."""
    found: dict[str, Moods] = {}

    def of_market(market: str) -> Moods:
        language = next(row["language"] for row in table("cast") if row["market"] == market)
        if language not in found:
            found[language] = _sorted(scorer, language)
        return found[language]

    return of_market


def _sorted(scorer: TextScorer, language: str) -> Moods:
    moods = Moods([], [], {})
    themed = [(theme, text) for theme, of_it in texts(language).items() for text in of_it]
    scores = scorer.score_all([Request(text) for _, text in themed])
    for (theme, text), score in zip(themed, scores, strict=True):
        mood = score.sentiment
        if mood.negative <= max(mood.neutral, mood.positive):
            moods.other.append(text)
            continue
        moods.negative.append(text)
        if theme.startswith("trouble_"):
            moods.about.setdefault(theme.removeprefix("trouble_"), []).append(text)
    return moods


def incident_of(plan: StreamPlan, number: int) -> Incident | None:
    """Return the stream's incident as it is marked, or None without one."""
    if plan.incident is None:
        return None
    start_ms, span = FIRST_START_MS + number * DAY_MS, plan.incident.span
    return Incident(
        stream=plan.name,
        market=plan.incident.market,
        from_ms=start_ms + int(span.begin) * 1000,
        to_ms=start_ms + int(span.end) * 1000,
        what=span.kind,
    )


def events(
    plan: StreamPlan, number: int, rng: Random, moods: Callable[[str], Moods]
) -> list[RawEvent]:
    """Return the stream's events in the order in which they happened."""
    made = _Made(plan, FIRST_START_MS + number * DAY_MS, rng)
    found: list[RawEvent] = [*made.stages()]
    for market in plan.markets:
        found += _written(made, market, moods(market.market))
    return sorted(found, key=lambda event: (event.occurred_at_ms, event.id))


def _written(made: "_Made", market: MarketPlan, moods: Moods) -> Iterator[RawEvent]:
    """Yield comments and orders of one market, second by second."""
    rng, plan = made.rng, made.plan
    anger = plan.incident if plan.incident and plan.incident.market == market.market else None
    for second in range(plan.seconds):
        rate, share = market.rate(second), market.share(second, rng)
        level = anger.level(second) if anger else 0.0
        if anger is not None:
            share += level * max(anger.share - share, 0)
        for _ in range(_poisson(rng, rate * (1 + ANGRIER * level))):
            if rng.random() >= share:
                text = rng.choice(moods.other)
            elif anger is not None and level:
                text = rng.choice(moods.about.get(anger.span.kind, moods.negative))
            else:
                text = rng.choice(moods.negative)
            yield made.comment(second, market, text)
        for episode in plan.episodes:
            if episode.covers(second):
                for _ in range(_poisson(rng, rate * EPISODES[episode.kind])):
                    yield made.comment(second, market, _of_episode(rng, episode.kind, moods))
        for _ in range(_poisson(rng, rate * ORDERS_A_COMMENT)):
            yield made.order(second, market)


def _of_episode(rng: Random, kind: str, moods: Moods) -> str:
    """Return what is written in an episode; raiders are angrier than anybody."""
    match kind:
        case "giveaway":
            return rng.choice(ENTRIES)
        case "vote":
            return rng.choice(VOTES)
        case "copies":
            return COPIED
        case _:
            angry = rng.random() < RAIDERS_NEGATIVE
            return rng.choice(moods.negative if angry else moods.other)


def _poisson(rng: Random, expected: float) -> int:
    count, waited = 0, rng.expovariate(1.0)
    while waited < expected:
        count += 1
        waited += rng.expovariate(1.0)
    return count


class _Made:
    """Makes the events of one stream, with their ids and times."""

    def __init__(self, plan: StreamPlan, start_ms: int, rng: Random) -> None:
        self.plan = plan
        self.rng = rng
        self._start_ms = start_ms
        self._made = 0

    def comment(self, second: int, market: MarketPlan, text: str) -> Comment:
        viewers = max(int(market.per_minute * 4), 8)
        viewer = int(viewers * self.rng.random() ** BUYERS_SHARE)
        return Comment(
            **self._envelope(second + self.rng.random()),
            viewer_id=f"{self.plan.name}-{market.market}-{viewer}",
            text=text,
            market=market.market,
        )

    def order(self, second: int, market: MarketPlan) -> Purchase:
        prices = next(row for row in table("prices") if row["market"] == market.market)
        amount_minor = int(prices["halo-lamp"])
        envelope = self._envelope(second + self.rng.random())
        return Purchase(
            **envelope,
            order_id=envelope["id"],
            state="paid",
            lines=(OrderLine("halo-lamp", 1, amount_minor),),
            amount_minor=amount_minor,
            currency=prices["currency"],
            market=market.market,
        )

    def stages(self) -> Iterator[Stage]:
        """Yield beginning and end, and what the host and the platform announce."""
        markets = tuple(market.market for market in self.plan.markets)
        yield Stage(**self._envelope(0, late=False), action="started", stream_markets=markets)
        for episode in self.plan.episodes:
            if episode.kind in ACTIONS and episode.end < self.plan.seconds:
                begun, ended = ACTIONS[episode.kind]
                yield Stage(**self._envelope(episode.begin), action=begun)
                yield Stage(**self._envelope(episode.end), action=ended)
        yield Stage(**self._envelope(self.plan.seconds + 1, late=False), action="ended")

    def _envelope(self, second: float, *, late: bool = True) -> dict[str, Any]:
        self._made += 1
        occurred_at_ms = self._start_ms + int(second * 1000)
        ingested_at_ms = occurred_at_ms
        if late:
            arrives = self.plan.arrives(second)
            ingested_at_ms = self._start_ms + int(arrives * 1000) + self.rng.randint(*DELAY_MS)
        last_ms = self._start_ms + self.plan.seconds * 1000 + 999
        return {
            "id": f"{self.plan.name}-{self._made}",
            "platform": PLATFORM,
            "channel": f"shop-{self.plan.name}",
            "stream": self.plan.name,
            "occurred_at_ms": occurred_at_ms,
            "ingested_at_ms": max(min(ingested_at_ms, last_ms), occurred_at_ms),
        }
