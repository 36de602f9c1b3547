"""Raw events -> log events: what the scoring hop does to one event, without Kafka or a clock."""

from typing import Final, Protocol

from resonance.sentiment.privacy import mask_personal_data
from resonance.sentiment.scores import Friction, Score
from resonance.sentiment.text import clean
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
from resonance.streams.viewers import pseudonym

MAX_PAST_MS: Final = 3_600_000
MAX_FUTURE_MS: Final = 5_000


class TextScorer(Protocol):
    """Whatever can score a text; `resonance.sentiment.score.Scorer` does."""

    def score(
        self, text: str, languages: tuple[str, ...] = (), markets: tuple[str, ...] = ()
    ) -> Score:
        """Return the score; a function of its arguments alone."""
        ...


def clamp_occurred_ms(occurred_at_ms: int, ingested_at_ms: int) -> int:
    """Return the event time, kept within an hour before and 5 s after it was first had.

    A phone with a wrong clock must not move a stream's watermark.
    """
    return min(max(occurred_at_ms, ingested_at_ms - MAX_PAST_MS), ingested_at_ms + MAX_FUTURE_MS)


class ScoringHop:
    """Score events: a function of the event, its place, the scorer and the viewer key."""

    def __init__(self, scorer: TextScorer, viewer_key: bytes, versions: Versions) -> None:
        self._scorer = scorer
        self._viewer_key = viewer_key
        self._versions = versions

    def score(self, event: RawEvent, place: Place) -> LogEvent:
        """Return what goes to `events`: a scored comment, or the event passed through."""
        occurred_at_ms = clamp_occurred_ms(event.occurred_at_ms, event.ingested_at_ms)
        if isinstance(event, Comment):
            return self._comment(event, occurred_at_ms, place)
        if isinstance(event, Purchase):
            return self._purchase(event, occurred_at_ms, place)
        return _stage(event, occurred_at_ms, place)

    def _comment(self, comment: Comment, occurred_at_ms: int, place: Place) -> ScoredComment:
        score = self._scorer.score(comment.text, comment.stream_languages, comment.stream_markets)
        market, market_source = attribute_market(
            comment.market, comment.stream_markets, score.language
        )
        return ScoredComment(
            id=comment.id,
            platform=comment.platform,
            channel=comment.channel,
            stream=comment.stream,
            occurred_at_ms=occurred_at_ms,
            ingested_at_ms=comment.ingested_at_ms,
            viewer=pseudonym(self._viewer_key, comment.platform, comment.viewer_id),
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

    def _purchase(self, purchase: Purchase, occurred_at_ms: int, place: Place) -> LoggedPurchase:
        viewer = purchase.viewer_id and pseudonym(
            self._viewer_key, purchase.platform, purchase.viewer_id
        )
        return LoggedPurchase(
            id=purchase.id,
            platform=purchase.platform,
            channel=purchase.channel,
            stream=purchase.stream,
            occurred_at_ms=occurred_at_ms,
            ingested_at_ms=purchase.ingested_at_ms,
            order_id=purchase.order_id,
            state=purchase.state,
            lines=purchase.lines,
            amount_minor=purchase.amount_minor,
            currency=purchase.currency,
            viewer=viewer,
            market=purchase.market,
            source=purchase.source,
            place=place,
        )


def _masked_evidence(score: Score) -> tuple[Friction, ...]:
    """Return the friction with its evidence masked: it quotes the comment."""
    return tuple(
        Friction(f.category, f.severity, mask_personal_data(f.evidence)) for f in score.friction
    )


def _stage(stage: Stage, occurred_at_ms: int, place: Place) -> LoggedStage:
    return LoggedStage(
        id=stage.id,
        platform=stage.platform,
        channel=stage.channel,
        stream=stage.stream,
        occurred_at_ms=occurred_at_ms,
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
        place=place,
    )
