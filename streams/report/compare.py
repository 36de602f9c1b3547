"""Two streams beside each other, market by market: what differs by more than chance."""

from collections.abc import Iterator, Mapping

import msgspec

from resonance.streams.measures import Share, negative_share, signal_rate
from resonance.streams.windows import ROOM, WindowRow


class Difference(msgspec.Struct, frozen=True):
    """One measure of one market in both streams."""

    market: str
    measure: str
    this: Share
    other: Share
    apart: bool  # The 95 % intervals do not touch: more than chance.


def compare(this: Mapping[str, WindowRow], other: Mapping[str, WindowRow]) -> list[Difference]:
    """Return the shares of all markets that both streams had, by their totals; the room first.

    Those that are surely apart stand first within a market.
    """
    markets = sorted(this.keys() & other.keys(), key=lambda m: (m != ROOM, -this[m].comments, m))
    return [found for market in markets for found in _market(market, this[market], other[market])]


def _market(market: str, this: WindowRow, other: WindowRow) -> Iterator[Difference]:
    pairs = {
        "negative": (negative_share(this), negative_share(other)),
        **{
            signal: (signal_rate(this, signal), signal_rate(other, signal))
            for signal in ("complaint", "question", "purchase_intent", "praise")
        },
    }
    found = [
        Difference(market, measure, one, two, apart=one.low > two.high or two.low > one.high)
        for measure, (one, two) in pairs.items()
        if one.n and two.n
    ]
    yield from sorted(found, key=lambda difference: not difference.apart)
