"""Live streams in real time: several markets each, moods, spikes, giveaways, votes and raids.

The texts are the demo's, sorted into moods by the scorer itself, so that a share that is scripted
is the share that is counted. The script is drawn from a seed; when it arrives, the clock says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from resonance.agents.demo import scenario
from resonance.sentiment.score import Scorer
from resonance.streams.events import Comment, RawEvent, Stage, StageAction

MARKETS: Final = ("DE", "US", "MX", "JP", "ID", "FR", "BR", "TH", "KR", "ES")
BASE_SHARE: Final = 0.09
SPIKE_SHARE: Final = 0.55
TOPIC: Final = "customs_tax"
VIEWERS: Final = 400  # Of a market.
CLEAR_SECONDS: Final = 60.0
COPIED: Final = "go go go go"
VOTES: Final = ("1", "2", "A", "B")
ENTRIES: Final = ("me me me", "me", "pick me", "eu eu eu", "yo yo yo")


class Texts(NamedTuple):
    """Texts by what the scorer makes of them."""

    negative: list[str]
    other: list[str]
    about_topic: list[str]  # Negative, and about what the spikes are about.


class Spike(NamedTuple):
    """Minutes of anger in one market; seconds since the beginning."""

    stream: str
    market: str
    begin_seconds: float
    end_seconds: float


# Comments on top of the usual ones, as a multiple of them.
EPISODES: Final = {"giveaway": 4.0, "vote": 3.0, "raid": 1.5, "copies": 2.0}


class Episode(NamedTuple):
    """What must page nobody: a giveaway, a vote, a raid, a burst of copies."""

    kind: str
    begin_seconds: float
    end_seconds: float
    factor: float  # Comments on top of the usual ones, as a multiple of them.


@dataclass
class Stream:
    """One stream: comments a minute of each market, and what happens when."""

    name: str
    rates: dict[str, float]
    episodes: list[Episode] = field(default_factory=list)
    spike: Spike | None = None
    sent: int = 0


def sorted_texts() -> Texts:
    """Return the demo's texts by mood."""
    scorer = Scorer()
    texts = Texts([], [], [])
    seen: set[str] = set()
    for event in scenario.events(0):
        if not isinstance(event, Comment) or event.role != "viewer" or event.text in seen:
            continue
        seen.add(event.text)
        score = scorer.score(event.text)
        mood = score.sentiment
        if mood.negative <= max(mood.neutral, mood.positive):
            texts.other.append(event.text)
        elif TOPIC in score.topics:
            texts.about_topic.append(event.text)
        else:
            texts.negative.append(event.text)
    return texts


def cast(
    rng: Random,
    streams: int,
    spikes: int,
    *,
    first: tuple[float, float],
    spike_seconds: float,
    seconds: float = 300.0,
) -> list[Stream]:
    """Return streams with episodes for so long; the first `spikes` of them get one within `first`.

    No episode lies in the first minute of a spike: what is masked counts nowhere, so that anger
    which begins in a giveaway is seen when that is over, and says nothing of how fast we are.
    """
    made = []
    for number in range(streams):
        main, *small = rng.sample(MARKETS, rng.randint(4, 8))
        rates = {main: rng.uniform(150, 220)} | {m: rng.choice((3, 6, 12, 25)) for m in small}
        stream = Stream(f"stream-{number:02}", rates)
        clear = (seconds, seconds)
        if number < spikes:
            begin = rng.uniform(*first)
            stream.spike = Spike(stream.name, main, begin, begin + spike_seconds)
            clear = (begin, begin + CLEAR_SECONDS)
        stream.episodes = _episodes(rng, seconds, clear)
        made.append(stream)
    return made


def _episodes(rng: Random, seconds: float, clear: tuple[float, float]) -> list[Episode]:
    """Return one of each kind in random order, and again, with pauses; none in `clear`."""
    at, found = rng.uniform(20, 60), list[Episode]()
    while at < seconds:
        for kind, factor in rng.sample(list(EPISODES.items()), len(EPISODES)):
            length = rng.uniform(20, 45)
            if at < clear[1] and at + length > clear[0]:
                at = clear[1]
            found.append(Episode(kind, at, at + length, factor))
            at += length + rng.uniform(25, 60)
    return found


class Audience:
    """Tells what the streams' viewers and hosts send between two moments."""

    def __init__(self, streams: Sequence[Stream], texts: Texts, rng: Random) -> None:
        self.streams = streams
        self._texts = texts
        self._rng = rng

    def between(self, begin: float, end: float, now_ms: int) -> Iterator[tuple[str, RawEvent]]:
        """Yield topic and event of all that happens from `begin` until `end`, in seconds."""
        for stream in self.streams:
            yield from (("stage", stage) for stage in self._stages(stream, begin, end, now_ms))
            active = [e for e in stream.episodes if e.begin_seconds <= begin < e.end_seconds]
            for market, rate in stream.rates.items():
                usual = rate / 60 * (end - begin)
                angry = stream.spike is not None and market == stream.spike.market
                angry &= stream.spike is not None and (
                    stream.spike.begin_seconds <= begin < stream.spike.end_seconds
                )
                for _ in range(self._poisson(usual)):
                    yield "comments", self._comment(stream, market, self._text(angry), now_ms)
                for episode in active:
                    for _ in range(self._poisson(usual * episode.factor)):
                        text = self._text_of(episode.kind)
                        yield "comments", self._comment(stream, market, text, now_ms)

    def start(self, now_ms: int) -> Iterator[tuple[str, RawEvent]]:
        """Yield the beginning of every stream."""
        for stream in self.streams:
            yield "stage", self._stage(stream, "started", now_ms)

    def _stages(self, stream: Stream, begin: float, end: float, now_ms: int) -> Iterator[Stage]:
        actions: dict[str, tuple[StageAction, StageAction]] = {
            "giveaway": ("giveaway_started", "giveaway_ended"),
            "vote": ("vote_started", "vote_ended"),
            "raid": ("raid_started", "raid_ended"),
        }
        for episode in stream.episodes:
            started, ended = actions.get(episode.kind, (None, None))
            if started and begin <= episode.begin_seconds < end:
                yield self._stage(stream, started, now_ms)
            if ended and begin <= episode.end_seconds < end:
                yield self._stage(stream, ended, now_ms)

    def _text(self, angry: bool) -> str:  # noqa: FBT001 - a mood.
        share = SPIKE_SHARE if angry else BASE_SHARE
        if self._rng.random() >= share:
            return self._rng.choice(self._texts.other)
        return self._rng.choice(self._texts.about_topic if angry else self._texts.negative)

    def _text_of(self, kind: str) -> str:
        """Return what is written in an episode; raiders are angrier than anybody."""
        match kind:
            case "giveaway":
                return self._rng.choice(ENTRIES)
            case "vote":
                return self._rng.choice(VOTES)
            case "copies":
                return COPIED
            case _:
                angry = self._rng.random() < 0.5
                return self._rng.choice(self._texts.negative if angry else self._texts.other)

    def _poisson(self, expected: float) -> int:
        """Return a count; small expectations only (Knuth's product of uniforms, by waiting)."""
        count, waited = 0, self._rng.expovariate(1.0)
        while waited < expected:
            count += 1
            waited += self._rng.expovariate(1.0)
        return count

    def _comment(self, stream: Stream, market: str, text: str, now_ms: int) -> Comment:
        stream.sent += 1
        return Comment(
            id=f"{stream.name}-{stream.sent}",
            platform="test",
            channel=f"shop-{stream.name}",
            stream=stream.name,
            viewer_id=f"{stream.name}-{market}-{self._rng.randrange(VIEWERS)}",
            text=text,
            market=market,
            occurred_at_ms=now_ms,
            ingested_at_ms=now_ms,
        )

    def _stage(self, stream: Stream, action: StageAction, now_ms: int) -> Stage:
        return Stage(
            id=f"{stream.name}-{action}-{now_ms}",
            platform="test",
            channel=f"shop-{stream.name}",
            stream=stream.name,
            action=action,
            occurred_at_ms=now_ms,
            ingested_at_ms=now_ms,
            stream_markets=tuple(stream.rates),
        )
