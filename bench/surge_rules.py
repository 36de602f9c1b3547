"""The rule for complaints that surge against the one before: `python bench/surge_rules.py`.

300 streams of 70 minutes as in spike_rules.py; what is counted is one topic of complaints, on
average 2 % of the comments, which in half of the streams rises to 8 to 25 % for six minutes.
"""

import json
import sys
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spike_rules import (
    AFTER_SECONDS,
    SECONDS,
    SPIKE_SECONDS,
    STREAMS,
    Chat,
    beginnings,
    simulated,
    wilson_low,
    within,
)

STEP_SECONDS: Final = 10
YOUNG_SECONDS: Final = 900
WINDOW_SECONDS: Final = 300
HOUR_SECONDS: Final = 3_600
KEEP_SECONDS: Final = 300
Z: Final = 3.09
USUAL_BETA: Final = (2.0, 98.0)
HEIGHTS: Final = (0.08, 0.25)

Holds = NDArray[np.bool_]


class Sums:
    """Sums of one stream at every step: of five minutes, and of the hour before them."""

    def __init__(self, chat: Chat) -> None:
        self.at = np.arange(STEP_SECONDS, SECONDS, STEP_SECONDS)
        both, before = (chat.negative, chat.comments), self.at - WINDOW_SECONDS
        self.k, self.n = (within(sums, self.at, WINDOW_SECONDS) for sums in both)
        self.past_k, self.past_n = (within(sums, before, HOUR_SECONDS) for sums in both)


def by_score(sums: Sums) -> Holds:
    """Return where more came than usual, by Anscombe's z-score; 1 % is usual without a past."""
    usual = np.where(sums.at > WINDOW_SECONDS, (sums.past_k + 2) / (sums.past_n + 200), 0.01)
    score = 2 * (np.sqrt(sums.k + 0.375) - np.sqrt(usual * sums.n + 0.375))
    holds: Holds = (score > 4) & (sums.k >= 8)  # noqa: PLR2004
    return holds


def by_bound(sums: Sums) -> Holds:
    """Return where the share is for sure above twice the market's own usual one, and 2 %."""
    low = wilson_low(sums.k, sums.n, Z)
    usual = (sums.past_k + 2) / (sums.past_n + 200)
    known = (sums.at > YOUNG_SECONDS) & (sums.past_n >= 200)  # noqa: PLR2004
    holds: Holds = (low > np.maximum(2 * usual, 0.02)) & (sums.k >= 8) & known  # noqa: PLR2004
    return holds


RULES: Final[dict[str, tuple[Callable[[Sums], Holds], int]]] = {
    "z-score > 4, for 20 s (before)": (by_score, 20),
    "Wilson > 2 x usual and 2 %, past of 15 min, for 20 s": (by_bound, 20),
    "the same, for 60 s (ours)": (by_bound, 60),
}


def measured(
    chats: list[Chat], rule: Callable[[Sums], Holds], for_seconds: int
) -> dict[str, object]:
    """Return false pages a stream-hour, young and old apart, and what was found and how late."""
    young = old = 0
    old_seconds = 0.0
    delays: list[int] = []
    for chat in chats:
        sums, since = Sums(chat), chat.spike
        begun = beginnings(sums.at, rule(sums), for_seconds, KEEP_SECONDS)
        until = -1 if since is None else since + SPIKE_SECONDS + AFTER_SECONDS
        inside = [s for s in begun if since is not None and since <= s <= until]
        delays += [s - since for s in inside[:1] if since is not None]
        apart = [s for s in begun if s not in inside]
        young += sum(second < YOUNG_SECONDS for second in apart)
        old += sum(second >= YOUNG_SECONDS for second in apart)
        old_seconds += SECONDS - YOUNG_SECONDS - (0 if since is None else until - since)
    return {
        "false_pages_per_hour_of_the_first_15_min": round(young / (len(chats) / 4), 3),
        "false_pages_per_hour_later": round(old / (old_seconds / 3_600), 3),
        "found": len(delays),
        "of": sum(chat.spike is not None for chat in chats),
        "median_seconds": float(np.median(delays or [0])),
    }


def main() -> int:
    """Print a line of JSON for each rule; the seed may be given."""
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    chats = [
        simulated(rng, spiked=number % 2 == 0, usual=USUAL_BETA, heights=HEIGHTS)
        for number in range(STREAMS)
    ]
    for name, (rule, for_seconds) in RULES.items():
        print(json.dumps({"rule": name, **measured(chats, rule, for_seconds)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
