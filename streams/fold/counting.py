"""What one comment adds to a bucket's sums."""

from resonance.sentiment.scores import Sentiment, SentimentClass
from resonance.streams.events import ScoredComment
from resonance.streams.fold.sums import NO_TOPIC, Sums, bump


def sentiment_class(sentiment: Sentiment) -> SentimentClass:
    """Return the likeliest class; neutral when none is likelier than it.

    >>> sentiment_class(Sentiment(0.4, 0.2, 0.4))
    'neutral'
    """
    if sentiment.negative > max(sentiment.neutral, sentiment.positive):
        return "negative"
    if sentiment.positive > max(sentiment.neutral, sentiment.negative):
        return "positive"
    return "neutral"


def add_comment(sums: Sums, comment: ScoredComment, market_source: str) -> None:
    """Count what holds for every comment of a viewer, masked or not."""
    sums.comments += 1
    bump(sums.languages, comment.language)
    bump(sums.market_sources, market_source)
    bump(sums.scorers, comment.scorer)


def add_unmasked(sums: Sums, comment: ScoredComment) -> None:
    """Count what only unmasked comments say."""
    unscored = comment.scorer == "unscored"
    bump(sums.sentiment, "unscored" if unscored else sentiment_class(comment.sentiment))
    for signal in comment.signals:
        bump(sums.signals, signal)
    for topic in comment.topics:
        bump(sums.topics, topic)
    if "complaint" in comment.signals:
        for subject in comment.topics or (NO_TOPIC,):
            bump(sums.complaint_topics, subject)
    for friction in comment.friction:
        bump(sums.friction_counts, friction.category)
        bump(sums.friction_severities, friction.category, friction.severity)


def is_negative(comment: ScoredComment) -> bool:
    """Return whether the comment counts as negative; one that nothing scored does not."""
    return comment.scorer != "unscored" and sentiment_class(comment.sentiment) == "negative"
