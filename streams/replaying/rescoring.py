"""A log scored anew: what another model, or other phrases, would have said of the same comments.

Texts in the log are masked and their viewers pseudonyms; all else that scoring looks at is there.
The hash by which repeated texts are found stays that of the comment as it was written. What an
erased viewer said is not there any more: it keeps the score that it had.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeGuard

import msgspec

from resonance.sentiment.score import Request
from resonance.sentiment.scores import Score
from resonance.streams.erasure import ERASED
from resonance.streams.events import LogEvent, LoggedStage, ScoredComment, Versions
from resonance.streams.fold.counting import sentiment_class
from resonance.streams.markets import attribute_market
from resonance.streams.replaying.log import LogRecord
from resonance.streams.scoring import TextScorer

BATCH_RECORDS: Final = 2_000

Pair = tuple[LogRecord, LogRecord]  # As it was, and as it is scored now.


def rescored(
    records: Iterable[LogRecord], scorer: TextScorer, versions: Versions
) -> Iterator[Pair]:
    """Yield every record as it was and as the scorer has it; what is no comment stays."""
    languages: dict[str, tuple[str, ...]] = {}
    batch: list[LogRecord] = []
    for record in records:
        batch.append(record)
        if isinstance(record.event, LoggedStage) and record.event.stream_languages:
            languages[record.event.stream] = record.event.stream_languages
        if len(batch) >= BATCH_RECORDS:
            yield from _rescored(batch, scorer, versions, languages)
            batch = []
    yield from _rescored(batch, scorer, versions, languages)


def _rescored(
    batch: list[LogRecord],
    scorer: TextScorer,
    versions: Versions,
    languages: dict[str, tuple[str, ...]],
) -> Iterator[Pair]:
    comments = [r.event for r in batch if _has_words(r.event)]
    requests = [
        Request(c.text, languages.get(c.stream, ()), tuple(c.stream_markets)) for c in comments
    ]
    scores = iter(scorer.score_all(requests))
    for record in batch:
        event = record.event
        if _has_words(event):
            yield record, record._replace(event=_with_score(event, next(scores), versions))
        else:
            yield record, record


def _has_words(event: LogEvent) -> TypeGuard[ScoredComment]:
    return isinstance(event, ScoredComment) and event.viewer_epoch != ERASED


def _with_score(comment: ScoredComment, score: Score, versions: Versions) -> ScoredComment:
    declared = comment.market if comment.market_source == "declared" else None
    market, source = attribute_market(declared, comment.stream_markets, score.language)
    return msgspec.structs.replace(
        comment,
        market=market,
        market_source=source,
        language=score.language,
        sentiment=score.sentiment,
        signals=score.signals,
        topics=score.topics,
        friction=score.friction,
        scorer=score.scorer,
        versions=versions,
    )


class LabelChange(msgspec.Struct):
    """How many comments carried a label before and after, and how many gained or lost it."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


class ScoreChanges:
    """Counts, over pairs of comments, which labels came and went."""

    def __init__(self) -> None:
        self.comments = 0
        self.changed = 0  # Comments of which any label changed.
        self._labels: dict[tuple[str, str], LabelChange] = {}

    def see(self, pair: Pair) -> None:
        """Take the next pair."""
        before, after = pair[0].event, pair[1].event
        if not (isinstance(before, ScoredComment) and isinstance(after, ScoredComment)):
            return
        self.comments += 1
        changed = False
        for kind, labels in _LABELS.items():
            changed |= self._compare(kind, set(labels(before)), set(labels(after)))
        self.changed += changed

    def _compare(self, kind: str, before: set[str], after: set[str]) -> bool:
        for label in before | after:
            change = self._labels.setdefault((kind, label), LabelChange())
            change.before += label in before
            change.after += label in after
            change.gained += label in after - before
            change.lost += label in before - after
        return before != after

    def by_kind(self) -> dict[str, dict[str, LabelChange]]:
        """Return the labels that came or went, by kind; those that did not are left out."""
        found: dict[str, dict[str, LabelChange]] = {kind: {} for kind in _LABELS}
        for (kind, label), change in sorted(self._labels.items()):
            if change.gained or change.lost:
                found[kind][label] = change
        return found


_LABELS: Final[dict[str, Callable[[ScoredComment], Iterable[str]]]] = {
    "signals": lambda c: c.signals,
    "topics": lambda c: c.topics,
    "friction": lambda c: [found.category for found in c.friction],
    "sentiment": lambda c: [sentiment_class(c.sentiment)],
    "language": lambda c: [c.language],
    "market": lambda c: [c.market],
}
