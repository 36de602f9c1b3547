"""How often the compass's intervals hold the truth: `python bench/compass_intervals.py`.

Markets whose hours' rates are drawn, with Poisson orders of three streams an hour. *Held*: of the
hours, those whose 95 % interval holds the true rate. *Called best*: those whose interval lies above
the market's rate.
"""

import json
import sys
from typing import Final, NamedTuple

import numpy as np

from resonance.streams.compass.estimate import Evidence, Prior, estimate, prior_of, total

MARKETS: Final = 500
STREAMS: Final = 3
RATE: Final = 0.02  # Orders per commenter-minute.


class World(NamedTuple):
    """How a market is drawn; spreads are standard deviations over the mean."""

    hours: int
    commenter_minutes: int  # Of a stream in an hour, on average.
    hours_spread: float
    streams_spread: float


WORLDS: Final = (
    World(6, 60, 0.5, 0.0),
    World(12, 60, 0.0, 0.0),
    World(12, 60, 0.5, 0.0),
    World(12, 200, 0.5, 0.0),
    World(40, 300, 0.3, 0.0),
    World(12, 300, 0.0, 0.5),
    World(30, 300, 0.0, 0.5),
    World(12, 300, 0.5, 0.5),
)


def spread(rng: np.random.Generator, by: float) -> float:
    """Return a factor around 1."""
    return float(rng.gamma(by**-2, by**2)) if by else 1.0


def drawn(rng: np.random.Generator, world: World) -> tuple[list[float], list[list[Evidence]]]:
    """Return a market's true rates by hour, and its evidence by hour and stream."""
    truths, hours = [], []
    for _ in range(world.hours):
        truths.append(RATE * spread(rng, world.hours_spread))
        streams = []
        for _ in range(STREAMS):
            minutes = round(world.commenter_minutes * rng.uniform(0.3, 1.7))
            mean = truths[-1] * minutes * spread(rng, world.streams_spread)
            streams.append(Evidence(int(rng.poisson(mean)), minutes))
        hours.append(streams)
    return truths, hours


def priors(hours: list[list[Evidence]]) -> dict[str, Prior]:
    """Return the prior as it is, and as it would be without each of its two precautions."""
    ours, middle = prior_of(hours), prior_of(hours, z_spread=0.0)
    if ours is None or middle is None:
        return {}
    return {
        "ours": ours,
        "spread at its middle": middle,
        "streams taken as alike": ours._replace(overdispersion=1.0),
    }


def measured(rng: np.random.Generator, world: World) -> dict[str, object]:
    """Return the shares of hours that were held and called best."""
    held: dict[str, int] = {}
    best: dict[str, int] = {}
    seen = 0
    for _ in range(MARKETS):
        truths, hours = drawn(rng, world)
        made = priors(hours)
        seen += len(hours) if made else 0
        for name, prior in made.items():
            found = [estimate(total(streams), prior) for streams in hours]
            pairs = zip(found, truths, strict=True)
            held[name] = held.get(name, 0) + sum(f.low <= truth <= f.high for f, truth in pairs)
            best[name] = best.get(name, 0) + sum(f.low > prior.rate for f in found)
    shares = {"held": held, "called_best": best}
    return {
        what: {name: round(count / seen, 3) for name, count in counts.items()}
        for what, counts in shares.items()
    }


def main() -> int:
    """Print a line of JSON for each world; the seed may be given."""
    rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    for world in WORLDS:
        print(json.dumps({**world._asdict(), **measured(rng, world)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
