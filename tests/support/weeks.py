"""Six weeks of a channel's streams in an archive, for what compares streams: the compass.

    PYTHONPATH=tests python -m support.weeks FOLDER

Germany buys on Sunday evenings, Saudi Arabia on Friday afternoons, and both at other times too.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from resonance.agents.archiving.store import Store
from resonance.streams.events import LogEvent
from support.archives import archived
from support.log_events import MOODS, START_MS, Build

BERLIN = ZoneInfo("Europe/Berlin")
MINUTES = 60
HOUR_MS = 3_600_000
# Of each weekly show: days after Monday, hour in Berlin, and by market commenters a minute and
# orders per commenter-minute.
SHOWS = (
    (1, 19, {"DE": (4, 0.03), "SA": (2, 0.03)}),
    (4, 15, {"DE": (2, 0.03), "SA": (4, 0.10)}),
    (6, 20, {"DE": (5, 0.08), "SA": (2, 0.03)}),
)
ONCE = (2, 12, {"DE": (3, 0.03)})  # In the first week alone.
FIRST_MONDAY = datetime(2023, 11, 20, tzinfo=BERLIN)


def seconds_of(when: datetime) -> float:
    """How long after the builders' first moment."""
    return (when.astimezone(UTC).timestamp() * 1000 - START_MS) / 1000


def show(build: Build, stream: str, when: datetime, markets, dice: random.Random, **own):
    """One stream of an hour: who writes in which minute, and who buys."""
    at_s, own = seconds_of(when), {"stream": stream, **own}
    yield build.stage("started", at_s, **own)
    for minute in range(MINUTES):
        for market, (commenters, rate) in markets.items():
            for viewer in range(commenters):
                moment_s = at_s + 60 * minute + 10 * viewer + 1
                name = f"{stream}-{market}-{minute}-{viewer}"
                mood = dice.choice(("positive", "positive", "neutral", "negative"))
                yield build.comment(name, moment_s, market=market, sentiment=MOODS[mood], **own)
                if dice.random() < rate:
                    yield build.purchase(f"order-{name}", moment_s + 1, market=market, **own)
    yield build.stage("ended", at_s + 60 * MINUTES, **own)


def weeks(count: int = 6, seed: int = 7) -> list[LogEvent]:
    """The log of that many weeks, with ticks after each stream."""
    return list(_weeks(Build(), count, random.Random(seed)))


def _weeks(build: Build, count: int, dice: random.Random) -> Iterator[LogEvent]:
    for week in range(count):
        for days, hour, markets in sorted(SHOWS + (ONCE,) * (week == 0)):
            # Of the local day: clocks may have changed since Monday.
            day = FIRST_MONDAY + timedelta(days=7 * week + days)
            when = day.replace(hour=hour)
            yield from show(build, f"{when:%Y-%m-%d}", when, markets, dice)
            yield from build.ticks(seconds_of(when) + 2 * 3_600)


def archive_weeks(store: Store, count: int = 6, seed: int = 7) -> None:
    """Write them as they lie in an archive after a while: in few files."""
    archived(store, weeks(count, seed), interval_ms=HOUR_MS)


if __name__ == "__main__":
    archive_weeks(Store(sys.argv[1]))
