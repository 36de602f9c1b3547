"""Raw events -> log events: what the scoring hop does to events, without Kafka or a clock."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from resonance.sentiment.privacy import mask_personal_data
from resonance.sentiment.score import Request
from resonance.sentiment.scores import Friction, Score
from resonance.sentiment.text import clean
from resonance.sentiment.vocabulary import Topic
from resonance.streams.events import (
    Comment,
    LogEvent,
    LoggedPurchase,
    LoggedStage,
    Place,
    Purchase,
    RawEvent,
    ScoredComment,
    Stage,
    Versions,
)
from resonance.streams.markets import attribute_market
from resonance.streams.viewers import KeyRing, ViewerKeys

MAX_PAST_MS: Final = 3_600_000
MAX_FUTURE_MS: Final = 5_000


class TextScorer(Protocol):
    """Whatever can score texts; `resonance.sentiment.score.Scorer` does."""

    def score_all(self, requests: Sequence[Request]) -> list[Score]:
        """Return the score of each request, in order; each a function of its request alone."""
        ...


class Unscorable(NamedTuple):
    """An event that nothing could be made of. `fault` is the name of an error, never a value."""

    fault: str


def clamp_occurred_ms(occurred_at_ms: int, ingested_at_ms: int) -> int:
    """Return the event time, kept within an hour before and 5 s after it was first had.

    A phone with a wrong clock must not move a stream's watermark.
    """
    return min(max(occurred_at_ms, ingested_at_ms - MAX_PAST_MS), ingested_at_ms + MAX_FUTURE_MS)


class ScoringHop:
    """Score events: a function of the event, its place, the scorer and the viewer keys."""

    def __init__(
        self, scorer: TextScorer, viewer_keys: ViewerKeys | bytes, versions: Versions
    ) -> None:
        """Take the keys of several epochs, or the one key of all times."""
        self._scorer = scorer
        self._keys = KeyRing.of(viewer_keys) if isinstance(viewer_keys, bytes) else viewer_keys
        self._versions = versions

    def score(self, event: RawEvent, place: Place) -> LogEvent:
        """Return what goes to `events`: a scored comment, or the event passed through.

        Raises whatever scoring it raises.
        """
        request = _request(event)
        score = None if request is None else self._scorer.score_all([request])[0]
        return self._made(event, score, place)

    def score_all(self, events: Sequence[tuple[RawEvent, Place]]) -> list[LogEvent | Unscorable]:
        """Return for each event what `score` does; its texts are scored together.

        An event that raises is a value in its place, and spoils no other.
        """
        requests = [_request(event) for event, _ in events]
        scores = iter(self._scores([request for request in requests if request is not None]))
        return [
            self._logged(event, None if request is None else next(scores), place)
            for (event, place), request in zip(events, requests, strict=True)
        ]

    def _scores(self, requests: Sequence[Request]) -> list[Score | Unscorable]:
        try:
            return [*self._scorer.score_all(requests)]
        except Exception:  # noqa: BLE001 # No input may stop a worker.
            return [self._alone(request) for request in requests]

    def _alone(self, request: Request) -> Score | Unscorable:
        try:
            (score,) = self._scorer.score_all([request])
        except Exception as error:  # noqa: BLE001 # This is the culprit.
            return Unscorable(type(error).__name__)
        return score

    def _logged(
        self, event: RawEvent, score: Score | Unscorable | None, place: Place
    ) -> LogEvent | Unscorable:
        """Return what goes to `events`, or why nothing does."""
        if isinstance(score, Unscorable):
            return score
        try:
            return self._made(event, score, place)
        except Exception as error:  # noqa: BLE001 # As above: masking may fail as scoring may.
            return Unscorable(type(error).__name__)

    def _made(self, event: RawEvent, score: Score | None, place: Place) -> LogEvent:
        if isinstance(event, Purchase):
            return self._purchase(event, place)
        if isinstance(event, Stage):
            return _stage(event, place, score.topics if score else ())
        if score is None:
            message = "a comment without a score"
            raise AssertionError(message)
        return self._comment(event, score, place)

    def _comment(self, comment: Comment, score: Score, place: Place) -> ScoredComment:
        market, market_source = attribute_market(
            comment.market, comment.stream_markets, score.language
        )
        viewer, epoch = self._keys.pseudonym(
            comment.platform, comment.viewer_id, comment.ingested_at_ms
        )
        return ScoredComment(
            id=comment.id,
            platform=comment.platform,
            channel=comment.channel,
            stream=comment.stream,
            occurred_at_ms=_occurred_ms(comment),
            ingested_at_ms=comment.ingested_at_ms,
            viewer=viewer,
            viewer_epoch=epoch,
            role=comment.role,
            text=mask_personal_data(clean(comment.text)),
            text_key=score.text_key,
            market=market,
            market_source=market_source,
            stream_markets=comment.stream_markets,
            reply_to=comment.reply_to,
            product=comment.product,
            language=score.language,
            sentiment=score.sentiment,
            signals=score.signals,
            topics=score.topics,
            friction=_masked_evidence(score),
            scorer=score.scorer,
            versions=self._versions,
            place=place,
        )

    def _purchase(self, purchase: Purchase, place: Place) -> LoggedPurchase:
        viewer, epoch = (
            self._keys.pseudonym(purchase.platform, purchase.viewer_id, purchase.ingested_at_ms)
            if purchase.viewer_id
            else (None, "")
        )
        return LoggedPurchase(
            id=purchase.id,
            platform=purchase.platform,
            channel=purchase.channel,
            stream=purchase.stream,
            occurred_at_ms=_occurred_ms(purchase),
            ingested_at_ms=purchase.ingested_at_ms,
            order_id=purchase.order_id,
            state=purchase.state,
            lines=purchase.lines,
            amount_minor=purchase.amount_minor,
            currency=purchase.currency,
            viewer=viewer,
            viewer_epoch=epoch,
            market=purchase.market,
            source=purchase.source,
            place=place,
        )


def _request(event: RawEvent) -> Request | None:
    """Return what is to be scored of an event: a comment, or a caption of what the host says."""
    if isinstance(event, Purchase) or (isinstance(event, Stage) and event.action != "caption"):
        return None
    return Request(event.text or "", event.stream_languages, event.stream_markets)


def _occurred_ms(event: RawEvent) -> int:
    return clamp_occurred_ms(event.occurred_at_ms, event.ingested_at_ms)


def _masked_evidence(score: Score) -> tuple[Friction, ...]:
    """Return the friction with its evidence masked: it quotes the comment."""
    return tuple(
        Friction(f.category, f.severity, mask_personal_data(f.evidence)) for f in score.friction
    )


def _stage(stage: Stage, place: Place, topics: tuple[Topic, ...]) -> LoggedStage:
    return LoggedStage(
        id=stage.id,
        platform=stage.platform,
        channel=stage.channel,
        stream=stage.stream,
        occurred_at_ms=_occurred_ms(stage),
        ingested_at_ms=stage.ingested_at_ms,
        action=stage.action,
        product=stage.product,
        text=None if stage.text is None else mask_personal_data(clean(stage.text)),
        viewers=stage.viewers,
        amount_minor=stage.amount_minor,
        currency=stage.currency,
        units=stage.units,
        target_id=stage.target_id,
        stream_markets=stage.stream_markets,
        stream_languages=stage.stream_languages,
        source=stage.source,
        sources=stage.sources,
        counts=stage.counts,
        topics=topics,
        place=place,
    )
