"""What one comment adds to a bucket's sums."""

from resonance.sentiment.scores import Sentiment, SentimentClass
from resonance.streams.events import ScoredComment
from resonance.streams.fold.sums import NO_TOPIC, Sums, bump


def sentiment_class(sentiment: Sentiment) -> SentimentClass:
    """Return the likeliest class; neutral when none is likelier than it.

    >>> sentiment_class(Sentiment(0.4, 0.2, 0.4))
    'neutral'
    """
    negative, neutral, positive = sentiment.negative, sentiment.neutral, sentiment.positive
    if negative > neutral and negative > positive:
        return "negative"
    return "positive" if positive > neutral and positive > negative else "neutral"


def mood_of(comment: ScoredComment) -> SentimentClass:
    """Return the comment's sentiment class, or that nothing scored it."""
    return "unscored" if comment.scorer == "unscored" else sentiment_class(comment.sentiment)


def add_comment(sums: Sums, comment: ScoredComment, market_source: str) -> None:
    """Count what holds for every comment of a viewer, masked or not."""
    sums.comments += 1
    bump(sums.languages, comment.language)
    bump(sums.market_sources, market_source)
    bump(sums.scorers, comment.scorer)


def add_unmasked(sums: Sums, comment: ScoredComment, mood: SentimentClass) -> None:
    """Count what only unmasked comments say; `mood` is the comment's."""
    bump(sums.sentiment, mood)
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
    return mood_of(comment) == "negative"


def author_classes(comment: ScoredComment, mood: SentimentClass) -> list[str]:
    """Return of which classes of authors an unmasked comment makes its viewer one."""
    classes = ["negative"] if mood == "negative" else []
    if "complaint" in comment.signals:
        classes.append("complaint")
    if comment.friction:
        classes.append("friction")
    return classes
