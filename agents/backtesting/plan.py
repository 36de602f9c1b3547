"""What happens in a generated stream, drawn before anybody writes: markets, moods, episodes."""

from dataclasses import dataclass, field
from math import cos, exp, log, pi, sin
from random import Random
from typing import Final

from resonance.agents.demo.running_order import MARKETS

# Kind of stream -> how many of ten, and comments a minute of its main and of its other markets.
KINDS: Final = {
    "usual": (4, (60.0, 250.0), (2.0, 25.0)),
    "great": (2, (250.0, 600.0), (4.0, 60.0)),
    "small": (2, (8.0, 30.0), (1.5, 8.0)),
    "quiet": (2, (2.0, 6.0), (0.3, 2.0)),  # At night.
}
INCIDENT_SECONDS: Final = 360
RISE_SECONDS: Final = 20
TOPICS: Final = ("customs_tax", "shipping")
# Comments on top of the usual ones, as a multiple of them.
EPISODES: Final = {"giveaway": 4.0, "vote": 3.0, "raid": 1.5, "copies": 2.0}
MOOD_MEMORY: Final = exp(-1 / 45)  # Of a second: a mood lasts for some 45.
MOOD_SIGMA: Final = 0.35  # In log-odds.


@dataclass(frozen=True, slots=True)
class Span:
    """Something with a beginning and an end, in seconds of the stream."""

    kind: str
    begin: float
    end: float

    def covers(self, second: float) -> bool:
        """Return whether it goes on."""
        return self.begin <= second < self.end


@dataclass(frozen=True, slots=True)
class Anger:
    """An incident: from when on which share of a market's comments is negative, about what."""

    market: str
    span: Span
    share: float

    def level(self, second: float) -> float:
        """Return how far it has spread, from 0.0 to 1.0."""
        if not self.span.covers(second):
            return 0.0
        return min((second - self.span.begin) / RISE_SECONDS, 1.0)


@dataclass(slots=True)
class MarketPlan:
    """One market's chat: a rate with waves and bursts, a negative share with drift and moods."""

    market: str
    per_minute: float
    base_share: float
    phases: tuple[float, float]
    bursts: tuple[float, ...]
    mood: float = 0.0

    def rate(self, second: float) -> float:
        """Return the expected comments in this second."""
        usual = self.per_minute / 60 * (1 + 0.4 * sin(2 * pi * second / 1_500 + self.phases[0]))
        warm_up = min(max(second / 300, 0.2), 1.0)
        loud = 1 + sum(2 * exp(-(((second - burst) / 40) ** 2)) for burst in self.bursts)
        return usual * warm_up * loud

    def share(self, second: float, rng: Random) -> float:
        """Return the negative share of this second; ask once for each, as moods go on."""
        step = MOOD_SIGMA * (1 - MOOD_MEMORY**2) ** 0.5
        self.mood = MOOD_MEMORY * self.mood + rng.gauss(0, step)
        drift = 0.25 * cos(2 * pi * second / 2_400 + self.phases[1])
        odds = log(self.base_share / (1 - self.base_share)) + drift + self.mood
        return 1 / (1 + exp(-odds))


@dataclass(slots=True)
class StreamPlan:
    """Everything that is known of a stream before it begins."""

    name: str
    kind: str
    seconds: int
    markets: list[MarketPlan]
    incident: Anger | None
    episodes: list[Span] = field(default_factory=list)  # What must page nobody.
    outages: list[Span] = field(default_factory=list)  # The connector restarts: all comes after.

    def arrives(self, second: float) -> float:
        """Return when we get what is written at `second`."""
        return next((span.end for span in self.outages if span.covers(second)), second)


def drawn(rng: Random, number: int, seconds: int) -> StreamPlan:
    """Return the plan of one stream; every second one has an incident."""
    kind = rng.choices(list(KINDS), [share for share, _, _ in KINDS.values()])[0]
    _, main, others = KINDS[kind]
    names = rng.sample(MARKETS, rng.randint(3, 6))
    markets = [
        MarketPlan(
            name,
            exp(rng.uniform(log(low), log(high))),
            rng.betavariate(4, 42),
            (rng.uniform(0, 6), rng.uniform(0, 6)),
            tuple(rng.uniform(0, seconds) for _ in range(rng.randint(2, 5))),
        )
        for name, (low, high) in zip(names, [main, *[others] * 5], strict=False)
    ]
    plan = StreamPlan(f"generated-{number:03}", kind, seconds, markets, None)
    if number % 2:
        plan.incident = _anger(rng, markets, seconds)
    plan.episodes = [
        Span(kind, begin := rng.uniform(0.02, 0.95) * seconds, begin + rng.uniform(20, 60))
        for kind in EPISODES
        for _ in range(rng.randint(1, 2))
    ]
    plan.outages = [
        Span("restart", begin := rng.uniform(0.05, 0.95) * seconds, begin + rng.uniform(15, 75))
        for _ in range(rng.randint(0, 2))
    ]
    return plan


def _anger(rng: Random, markets: list[MarketPlan], seconds: int) -> Anger:
    """Return an incident in the main market, or, as often, in any."""
    market = markets[0] if rng.random() < 0.5 else rng.choice(markets)  # noqa: PLR2004
    length = min(INCIDENT_SECONDS, seconds / 4)
    begin = rng.uniform(0.3 * seconds, 0.9 * seconds - length)
    span = Span(rng.choice(TOPICS), begin, begin + length)
    return Anger(market.market, span, rng.uniform(0.3, 0.6))
