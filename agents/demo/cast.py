"""Who watches: viewers with a home market, a language, and their own eagerness to write."""

from dataclasses import dataclass
from random import Random
from typing import Final

from resonance.agents.demo.tables import table

# Some write once, a few all the time: the spread of a log-normal, as chat rooms have it.
EAGERNESS_SIGMA: Final = 0.8
ABROAD: Final = "-"  # In cast.tsv: a viewer from a market that the stream does not target.


@dataclass(frozen=True, slots=True)
class Viewer:
    """One viewer. `market` is None abroad; `declared` is what the platform tells us of it."""

    viewer_id: str
    market: str | None
    declared: str | None
    language: str


class Cast:
    """All viewers, and a draw among them weighted by eagerness."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.viewers: list[Viewer] = []
        for row in table("cast"):
            market = None if row["market"] == ABROAD else row["market"]
            for _ in range(int(row["viewers"])):
                declared = market if rng.random() < float(row["declared_share"]) else None
                number = len(self.viewers) + 1
                self.viewers.append(
                    Viewer(f"viewer-{number:04}", market, declared, row["language"])
                )
        eagerness = [rng.lognormvariate(0.0, EAGERNESS_SIGMA) for _ in self.viewers]
        self._all = (self.viewers, eagerness)
        self._homes = {
            market: _only(self.viewers, eagerness, market)
            for market in {v.market for v in self.viewers if v.market}
        }

    def anyone(self) -> Viewer:
        """Return a viewer, the eager ones more often."""
        return self._draw(self._all)

    def someone_in(self, market: str) -> Viewer:
        """Return a viewer at home in `market` who writes its language."""
        return self._draw(self._homes[market])

    def _draw(self, among: tuple[list[Viewer], list[float]]) -> Viewer:
        viewers, weights = among
        return self._rng.choices(viewers, weights)[0]


def _only(
    viewers: list[Viewer], eagerness: list[float], market: str
) -> tuple[list[Viewer], list[float]]:
    """Return the market's viewers of its first language, the ones who have its texts."""
    language = next(row["language"] for row in table("cast") if row["market"] == market)
    chosen = [
        (viewer, weight)
        for viewer, weight in zip(viewers, eagerness, strict=True)
        if viewer.market == market and viewer.language == language
    ]
    return [viewer for viewer, _ in chosen], [weight for _, weight in chosen]
