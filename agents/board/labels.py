"""Which label values /metrics uses. Every one comes from a closed set or from a capped list.

What has no place in the list is `other`, and counted: a hostile or busy day must cost Prometheus
no more than a normal one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from resonance.agents.board.state import Stream
from resonance.streams.windows import ROOM

OTHER: Final = "other"
STREAM_LIMIT: Final = 20  # By default; the settings say.
MARKET_LIMIT: Final = 60  # Of a stream; as above.
LANGUAGE_LIMIT: Final = 15  # Of a market.
CURRENCY_LIMIT: Final = 10  # Of a market of a stream.
OVERFLOW_LIMIT: Final = 10_000  # Names remembered so that each is counted once.
LINGER_MS: Final = 3_600_000  # How long an ended stream stays.
STREAM_NAME_CHARACTERS: Final = 128

_MARKET: Final = re.compile(r"[A-Z]{2}|unknown")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")  # `und` is one of them.
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


class Labels:
    """The lists as they stand. A name once given is kept while there is room for it."""

    def __init__(
        self, *, stream_limit: int = STREAM_LIMIT, market_limit: int = MARKET_LIMIT
    ) -> None:
        self._stream_limit = stream_limit
        self._market_limit = market_limit
        self.overflow = {"stream": 0, "market": 0, "language": 0, "currency": 0}
        self._languages: dict[str, list[str]] = {}
        self._overflowed: set[tuple[str, str, str]] = set()

    def streams(self, streams: Iterable[Stream], now_ms: int) -> dict[str, str]:
        """Return the label of each stream that has one: live before ended, then newest first.

        Streams that ended more than an hour ago have none any more.
        """
        shown = [s for s in streams if s.room and not _left(s, now_ms)]
        shown.sort(key=Stream.precedence)
        labels = {}
        for place, stream in enumerate(shown):
            label = stream_label(stream.name)
            if place >= self._stream_limit or label == OTHER:
                label = self._other("stream", "", stream.name)
            labels[stream.name] = label
        return labels

    def markets(self, stream: str, markets: Iterable[str]) -> dict[str, str]:
        """Return the label of each market of one stream, the room's own row left out."""
        labels: dict[str, str] = {}
        for market in markets:
            if market == ROOM:
                continue
            known = _MARKET.fullmatch(market) and len(labels) < self._market_limit
            labels[market] = market if known else self._other("market", stream, market)
        return labels

    def languages(self, market: str, counts: Mapping[str, int]) -> dict[str, int]:
        """Return comments by language label: the first 15 of a market keep their own.

        The most used come first when places are free. Nobody is pushed out later: a sum that
        moves from one label to another would read as a reset of one and a burst of the other.
        """
        kept = self._languages.setdefault(market, [])
        for language in sorted(counts, key=lambda name: (-counts[name], name)):
            if language in kept or not _LANGUAGE.fullmatch(language):
                continue
            if len(kept) >= LANGUAGE_LIMIT:
                break
            kept.append(language)
        return self._capped("language", market, counts, kept)

    def currencies(
        self, group: str, sums: Mapping[str, int], order: Iterable[str]
    ) -> dict[str, int]:
        """Return minor units by currency label; the first 10 in `order` keep their own."""
        kept = [currency for currency in order if _CURRENCY.fullmatch(currency)][:CURRENCY_LIMIT]
        return self._capped("currency", group, sums, kept)

    def _capped(
        self, kind: str, group: str, counts: Mapping[str, int], kept: Sequence[str]
    ) -> dict[str, int]:
        labelled: dict[str, int] = {}
        for name, count in counts.items():
            label = name if name in kept else self._other(kind, group, name)
            labelled[label] = labelled.get(label, 0) + count
        return labelled

    def _other(self, kind: str, group: str, name: str) -> str:
        # Counted once each; past a bound the count stands still, which is high enough to alert.
        overflow = kind, group, name
        full = len(self._overflowed) >= OVERFLOW_LIMIT
        if name != OTHER and not full and overflow not in self._overflowed:
            self._overflowed.add(overflow)
            self.overflow[kind] += 1
        return OTHER


def closed(counts: Mapping[str, int], vocabulary: Sequence[str]) -> dict[str, int]:
    """Return a count for every word of the vocabulary, 0 included; `other` for any others' sum.

    >>> closed({"paid": 3, "pending": 1}, ["paid", "refunded"])
    {'paid': 3, 'refunded': 0, 'other': 1}
    """
    labelled = {word: counts.get(word, 0) for word in vocabulary}
    if rest := sum(counts.values()) - sum(labelled.values()):
        labelled[OTHER] = rest
    return labelled


def stream_label(name: str) -> str:
    """Return a stream's id as a label value: printable, at most 128 characters."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return printable[:STREAM_NAME_CHARACTERS]


def _left(stream: Stream, now_ms: int) -> bool:
    return stream.ended_at_ms is not None and now_ms - stream.ended_at_ms > LINGER_MS
