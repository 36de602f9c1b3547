"""The spike rule against simpler ones, on simulated chat: `python bench/spike_rules.py`.

300 streams of 70 minutes, 3 to 900 comments a minute, about 9 % negative with drift, moods and
bursts of chat; in half of them six minutes of 30 to 60 %. The formulas of the rules are worked out
here, on counts of each second; Prometheus' own rounding and delays are not in it.
"""

import json
import sys
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

STREAMS: Final = 300
SECONDS: Final = 4_200
STEP_SECONDS: Final = 2
SPIKE_SECONDS: Final = 360
AFTER_SECONDS: Final = 120  # What fires so soon after a spike still belongs to it.
KEEP_SECONDS: Final = 180
SMALL, GREAT = 20.0, 150.0  # Comments a minute.

Counts = NDArray[Any]


class Window(NamedTuple):
    """Wilson's lower bound over so many seconds must pass the threshold."""

    seconds: int
    z: float
    least: int  # Negative comments.


class Rule(NamedTuple):
    """Any of its windows, for so long; without windows, the usual share over two minutes."""

    windows: tuple[Window, ...]
    for_seconds: int


ONE, THREE, HALF = Window(60, 3.09, 5), Window(180, 2.326, 8), Window(30, 3.72, 6)
RULES: Final = {
    "share > 25 % of >= 30 in 2 min, for 30 s": Rule((), 30),
    "1 min or 3 min, for 15 s": Rule((ONE, THREE), 15),
    "1 min or 3 min, for 10 s": Rule((ONE, THREE), 10),
    "30 s, 1 min or 3 min, for 10 s (ours)": Rule((HALF, ONE, THREE), 10),
}


class Chat(NamedTuple):
    """One stream: comments and negative ones up to each second, and when its spike begins."""

    per_minute: float
    comments: Counts
    negative: Counts
    spike: int | None


def simulated(
    rng: np.random.Generator,
    *,
    spiked: bool,
    usual: tuple[float, float] = (4, 42),
    heights: tuple[float, float] = (0.3, 0.6),
) -> Chat:
    """Return one stream. `usual`: the beta distribution of its share; `heights`: of the spike."""
    per_second = 10 ** rng.uniform(np.log10(3), np.log10(900)) / 60
    base, at = rng.beta(*usual), np.arange(SECONDS)
    volume = per_second * (1 + 0.4 * np.sin(2 * np.pi * at / 1_500 + rng.uniform(0, 6)))
    volume *= np.clip(at / 300, 0.2, 1)
    for _ in range(rng.poisson(4)):
        volume *= 1 + 2 * np.exp(-(((at - rng.uniform(0, SECONDS)) / 40) ** 2))
    memory = np.exp(-1 / 45)
    steps = rng.normal(0, 0.35 * np.sqrt(1 - memory**2), SECONDS)
    mood = np.zeros(SECONDS)
    for second in range(1, SECONDS):
        mood[second] = memory * mood[second - 1] + steps[second]
    drift = 0.25 * np.sin(2 * np.pi * at / 2_400 + rng.uniform(0, 6))
    share = 1 / (1 + np.exp(-(np.log(base / (1 - base)) + drift + mood)))
    spike = None
    if spiked:
        spike, height = int(rng.uniform(20, 55) * 60), rng.uniform(*heights)
        within = np.clip((at - spike) / 20, 0, 1) * (at < spike + SPIKE_SECONDS)
        share = share * (1 - within) + np.maximum(share, height) * within
        volume *= 1 + 0.3 * within
    comments = rng.poisson(volume)
    negative = rng.binomial(comments, share)
    sums = [np.r_[0.0, np.cumsum(counts)] for counts in (comments, negative)]
    return Chat(per_second * 60, sums[0], sums[1], spike)


def fired(chat: Chat, rule: Rule) -> list[int]:
    """Return the seconds at which the rule begins to fire."""
    at = np.arange(120, SECONDS, STEP_SECONDS)
    negative, comments = (within(sums, at - 300, 1_800) for sums in (chat.negative, chat.comments))
    usual = (negative + 10) / (comments + 100)
    threshold = np.maximum(0.15, 2 * np.where(at > 300, usual, 0.1))  # noqa: PLR2004
    k, n = within(chat.negative, at, 120), within(chat.comments, at, 120)
    holds = (k > 0.25 * n) & (n >= 30) if not rule.windows else np.zeros(len(at), bool)  # noqa: PLR2004
    for window in rule.windows:
        k, n = (within(sums, at, window.seconds) for sums in (chat.negative, chat.comments))
        holds |= (wilson_low(k, n, window.z) > threshold) & (k >= window.least)
    return beginnings(at, holds, rule.for_seconds, KEEP_SECONDS)


def within(sums: Counts, end: Counts, seconds: int) -> Counts:
    """Return what was counted in so many seconds up to each `end`; none before the stream."""
    end = np.maximum(end, 0)
    found: Counts = sums[end] - sums[np.maximum(end - seconds, 0)]
    return found


def wilson_low(k: Counts, n: Counts, z: float) -> Counts:
    """Return the lower ends of Wilson's intervals of k of n."""
    squared, n = z**2, np.maximum(n, 1e-9)
    spread = z * np.sqrt(np.maximum(k * (1 - k / n), 0) + squared / 4)
    low: Counts = (k + squared / 2 - spread) / (n + squared)
    return low


def beginnings(at: Counts, holds: Counts, for_seconds: int, keep_seconds: int) -> list[int]:
    """Return the seconds at which a page begins: after `for`, unless the last is still kept."""
    begun: list[int] = []
    since: int | None = None
    last = -keep_seconds - 1
    seconds: list[int] = at.tolist()
    for second, true in zip(seconds, holds.tolist(), strict=True):
        since = (since if since is not None else second) if true else None
        if since is not None and second - since >= for_seconds:
            if second - last > keep_seconds:
                begun.append(second)
            last = second
    return begun


def measured(chats: list[Chat], rule: Rule) -> dict[str, object]:
    """Return false pages a stream-hour, and what was found by chat rate."""
    false, hours = 0, 0.0
    delays: dict[str, list[int]] = {"small": [], "middle": [], "great": []}
    spikes = dict.fromkeys(delays, 0)
    for chat in chats:
        size = "small" if chat.per_minute < SMALL else "middle"
        size = "great" if chat.per_minute >= GREAT else size
        begun, since = fired(chat, rule), chat.spike
        span = SPIKE_SECONDS + AFTER_SECONDS if since is not None else 0
        inside = [s - since for s in begun if since is not None and since <= s <= since + span]
        false += len(begun) - len(inside)
        hours += (SECONDS - 120 - span) / 3_600
        spikes[size] += since is not None
        delays[size] += inside[:1]
    found = {
        size: {"found": len(d), "of": spikes[size], "median_seconds": float(np.median(d or [0]))}
        for size, d in delays.items()
    }
    return {"false_pages_per_stream_hour": round(false / hours, 3), **found}


def main() -> int:
    """Print a line of JSON for each rule; the seed may be given."""
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    chats = [simulated(rng, spiked=number % 2 == 0) for number in range(STREAMS)]
    for name, rule in RULES.items():
        print(json.dumps({"rule": name, **measured(chats, rule)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
